import { describe, expect, it } from "vitest";
import { each, missing } from "./work";

describe("a conclusion", () => {
  it("needs what the API needs", () => {
    expect(missing(undefined, undefined, "x")).toMatch(/conclusion/);
    expect(missing("false_positive", undefined, "x")).toMatch(/false positive/);
    expect(missing("false_positive", "other", " ")).toMatch(/note/);
    expect(missing("suspicious", undefined, "")).toMatch(/note/);
    expect(missing("false_positive", "family", "")).toBeUndefined();
    expect(missing("inconclusive", undefined, "no documents")).toBeUndefined();
  });
});

describe("a step on several alerts", () => {
  it("is taken on each, in their order, whatever fails", async () => {
    const items = Array.from({ length: 20 }, (_, n) => n);
    const results = await each(items, async (n) => {
      if (n === 3) throw new Error("three");
      return n * 2;
    });
    expect(results).toHaveLength(20);
    expect(results[3]?.status).toBe("rejected");
    expect(results[19]).toEqual({ status: "fulfilled", value: 38 });
  });
});
