import { describe, expect, it } from "vitest";
import { cell, csv } from "./csv";
import { alert } from "./fixtures";

describe("the export", () => {
  it("lets no text run as a formula", () => {
    for (const text of ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx"]) {
      expect(cell(text).replace(/^"/, "").startsWith("'"), text).toBe(true);
    }
    expect(cell(-0.5)).toBe("-0.5");
    expect(cell("GB29")).toBe("GB29");
  });

  it("quotes what would break a line or column", () => {
    expect(cell('a "b", c')).toBe('"a ""b"", c"');
    expect(cell("a\nb")).toBe('"a\nb"');
  });

  it("has a line for each alert, with as many cells as the header", () => {
    const lines = csv([alert("a"), alert("b")]).split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines[1]?.split(",")).toHaveLength(lines[0]?.split(",").length ?? 0);
    expect(lines[1]).toContain("al_a,a,2026-01-05T10:00:01.000000Z,high,0.7,open,,fan_in,");
  });
});
