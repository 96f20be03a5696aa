import { describe, expect, it } from "vitest";
import { logit, waterfall } from "./waterfall";

const rule = { id: "r", typology: "fan_in", points: 10, evidence: "flow" };

function model(probability: number, contributions: [string, number][]) {
  return {
    hash: "h",
    method: "tree_shap",
    probability,
    contributions: contributions.map(([feature, contribution]) => ({
      feature,
      contribution,
      value: 1,
    })),
  };
}

describe("the waterfall", () => {
  it("begins where the named contributions begin and ends at the model's answer", () => {
    const evidence = {
      model: model(0.5, [
        ["a", 2],
        ["b", -1],
      ]),
      points: 0,
      rules: [],
    };
    const bars = waterfall(evidence, 0.5, (name) => name.toUpperCase());
    expect(bars.map((bar) => bar.kind)).toEqual(["base", "feature", "feature", "model", "risk"]);
    expect(bars[0]?.to).toBeCloseTo(-1);
    expect(bars[2]).toMatchObject({ label: "B: 1", from: 1 });
    expect(bars[2]?.to).toBeCloseTo(0);
  });

  it("tells whether a statement holds", () => {
    const evidence = { model: model(0.5, [["is a card payment", 1]]), points: 0, rules: [] };
    const bars = waterfall(evidence, 0.5, (name) => name);
    expect(bars[1]?.label).toBe("is a card payment: yes");
  });

  it("lets ten points multiply the odds by ten", () => {
    const evidence = { model: model(0.5, []), points: 10, rules: [rule] };
    const bars = waterfall(evidence, 10 / 11, (name) => name);
    const rules = bars.find((bar) => bar.kind === "rules");
    expect(rules?.to).toBeCloseTo(logit(10 / 11));
    expect(rules?.label).toBe("1 rule");
  });

  it("does without a model", () => {
    const bars = waterfall({ model: null, points: 20, rules: [rule, rule] }, 0.9, (name) => name);
    expect(bars.map((bar) => bar.kind)).toEqual(["rules", "risk"]);
    expect(bars[0]?.to).toBeCloseTo(logit(0.9));
  });
});
