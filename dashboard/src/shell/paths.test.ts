import { describe, expect, it } from "vitest";
import { idOf, segment } from "./paths";

describe("a path", () => {
  it("carries any id", () => {
    for (const id of ["INV/2026/1 50%", "a%2Fb", "?#&;", "../x", "ü 振込", "100%", "%25"]) {
      expect(segment(id)).not.toMatch(/[/?#]/);
      // As the router does.
      expect(idOf(decodeURI(segment(id)))).toBe(id);
    }
  });
});
