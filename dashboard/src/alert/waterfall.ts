// How the parts of a decision add up to its risk. Probabilities do not add, log odds do: the model's
// contributions are log odds, and a rule's points are tenths of a factor of ten in the odds.

import type { Schemas } from "../api/client";

export interface Bar {
  kind: "base" | "feature" | "model" | "rules" | "risk";
  label: string;
  /** Log odds before and after it. */
  from: number;
  to: number;
}

/** Log odds of one deciban. */
const DECIBAN = Math.LN10 / 10;
const SHOWN = 8;

export function logit(probability: number): number {
  const inside = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(inside / (1 - inside));
}

export function waterfall(
  evidence: Pick<Schemas["Evidence"], "model" | "points" | "rules">,
  risk: number,
  words: (feature: string) => string,
): Bar[] {
  const bars: Bar[] = [];
  let at: number | undefined;
  const { model } = evidence;
  if (model) {
    const after = logit(model.probability);
    const shown = model.contributions.slice(0, SHOWN);
    const named = shown.reduce((sum, { contribution }) => sum + contribution, 0);
    // Everything that is not named: the model's base and its many small contributions.
    at = after - named;
    bars.push({ kind: "base", label: "Everything else", from: at, to: at });
    for (const { feature, contribution, value } of shown) {
      const label = `${words(feature)}: ${shownValue(words(feature), value)}`;
      bars.push({ kind: "feature", label, from: at, to: at + contribution });
      at += contribution;
    }
    bars.push({ kind: "model", label: "The model's answer", from: after, to: after });
  }
  if (evidence.points !== 0) {
    const end = logit(risk);
    const from = at ?? end - evidence.points * DECIBAN;
    const count = evidence.rules.length;
    const label = count === 1 ? "1 rule" : `${count} rules`;
    bars.push({ kind: "rules", label, from, to: from + evidence.points * DECIBAN });
  }
  bars.push({ kind: "risk", label: "Risk", from: logit(risk), to: logit(risk) });
  return bars;
}

const NUMBER = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** The value of a feature; one whose words are a statement holds or does not. */
function shownValue(words: string, value: number): string {
  if (/^is /i.test(words) && (value === 0 || value === 1)) return value === 1 ? "yes" : "no";
  // What has never happened has no age and no usual size, which the features write as -1.
  return value === -1 ? "none" : NUMBER.format(value);
}
