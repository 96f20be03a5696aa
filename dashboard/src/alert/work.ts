// Steps in the work on alerts. Each names the version that it was decided on, so that nothing that a
// colleague did is overwritten, and a key, so that a request that is repeated counts once.

import { answer, api, type Schemas } from "../api/client";

export type Conclusion = Schemas["Conclusion"];
export type Reason = Schemas["FalsePositiveReason"];
export type DispositionStep = Exclude<Schemas["Step"], { step: "assign" }>;

export const CONCLUSIONS: readonly Conclusion[] = ["false_positive", "suspicious", "inconclusive"];

export const REASONS: Readonly<Record<Reason, string>> = {
  expected_activity: "Fits the customer's known business",
  explained_by_documents: "Explained by documents or the customer",
  own_accounts: "Between accounts of one person or group",
  salary_or_benefits: "Salary, pension or benefits",
  family: "Family or household",
  one_off_event: "One-off event: property, inheritance, loan",
  low_risk_counterparty: "Regulated or low-risk counterparty",
  investigated_before: "Investigated before and harmless",
  data_quality: "Data wrong or incomplete",
  rule_does_not_fit: "Rule or threshold does not fit",
  other: "Other (say what in the note)",
};

export interface Subject {
  alert_id: string;
  version: number;
}

export async function dispose(alert: Subject, step: DispositionStep) {
  const { alert_id: id, version } = alert;
  const work = await answer(
    api.POST("/api/v1/alerts/{id}/disposition", {
      params: { path: { id }, header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { version, ...step },
    }),
  );
  return stripped(work);
}

export async function assign(alert: Subject, to: string | undefined) {
  const { alert_id: id, version } = alert;
  const work = await answer(
    api.POST("/api/v1/alerts/{id}/assignment", {
      params: { path: { id }, header: { "Idempotency-Key": crypto.randomUUID() } },
      body: to === undefined ? { version } : { version, to },
    }),
  );
  return stripped(work);
}

function stripped(work: Schemas["StepAnswer"]): Schemas["AlertWork"] {
  const { alert_id: _, ...state } = work;
  return state;
}

/** What is still missing of a conclusion; nothing if it can be sent. */
export function missing(
  conclusion: Conclusion | undefined,
  reason: Reason | undefined,
  note: string,
): string | undefined {
  if (!conclusion) return "Choose a conclusion.";
  if (conclusion === "false_positive" && !reason) return "Choose why it is a false positive.";
  const needsNote = conclusion !== "false_positive" || reason === "other";
  if (needsNote && note.trim() === "") return "Say why in the note.";
  return undefined;
}

/** Does the same for several alerts, a few at a time; returns what became of each. */
export async function each<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      try {
        results[at] = { status: "fulfilled", value: await act(items[at] as T) };
      } catch (reason) {
        results[at] = { status: "rejected", reason };
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}
