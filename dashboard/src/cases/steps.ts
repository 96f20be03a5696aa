// Steps in investigations, as the API takes them.

import { answer, api, type Schemas } from "../api/client";
import { words } from "../format/words";

export type Case = Schemas["Case"];
export type CaseStep = Exclude<Schemas["CaseStep"], { step: "open" }>;

export async function openCase(title: string, alerts: readonly string[], note: string) {
  return answer(
    api.POST("/api/v1/cases", {
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { title, alerts: [...alerts], note },
    }),
  );
}

export async function takeStep(of: Pick<Case, "case_id" | "version">, step: CaseStep) {
  const { case_id: id, version } = of;
  return answer(
    api.POST("/api/v1/cases/{id}/steps", {
      params: { path: { id }, header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { version, ...step },
    }),
  );
}

/** A step in words, for the case's history. */
export function told(step: Schemas["CaseStep"], nameOf: (subject: string) => string): string {
  switch (step.step) {
    case "open":
      return `opened the case from ${step.alerts.length === 1 ? "1 alert" : `${step.alerts.length} alerts`}`;
    case "note":
      return "wrote a note";
    case "assign":
      return step.to ? `assigned it to ${nameOf(step.to)}` : "assigned it to nobody";
    case "add_alerts":
      return `added ${step.alerts.length === 1 ? "1 alert" : `${step.alerts.length} alerts`}`;
    case "check":
      return `${step.done ? "finished" : "reopened"} “${words(step.item)}” of the checklist`;
    case "attach":
      return `attached ${step.name}`;
    case "link":
      return `linked it with ${step.to}`;
    case "escalate":
      return "escalated it";
    case "return":
      return "handed it back";
    case "close":
      return `closed it as ${step.outcome}`;
    case "reopen":
      return "reopened it";
    case "merge":
      return `merged it into ${step.into}`;
  }
}
