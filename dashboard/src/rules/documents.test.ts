import { describe, expect, it } from "vitest";
import { difference, excerpt, lines } from "./documents";

function edits(before: string, after: string): string {
  const signs = { same: " ", added: "+", removed: "-" };
  return difference([...before], [...after])
    .map((line) => signs[line.kind] + line.text)
    .join("");
}

describe("the difference of two documents", () => {
  it("says what was added and removed", () => {
    expect(edits("abc", "abc")).toBe(" a b c");
    expect(edits("abc", "abxc")).toBe(" a b+x c");
    expect(edits("abc", "axc")).toBe(" a-b+x c");
    expect(edits("", "ab")).toBe("+a+b");
  });

  it("sees the content, not the spelling", () => {
    expect(lines('{"a":1}')).toEqual(lines('{ "a" :1 }'));
    expect(lines("not json")).toEqual(["not json"]);
  });

  it("shows what changed with a little around it", () => {
    const all = difference([..."abcdefghij"], [..."abcdeXghij"]);
    const shown = excerpt(all, 1).map((line) => line?.text ?? "…");
    expect(shown.join("")).toBe("…efXg…");
  });
});
