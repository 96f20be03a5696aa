import { describe, expect, it } from "vitest";
import { alert } from "../queue/fixtures";
import { suggestedTitle } from "./title";

describe("a case's title", () => {
  it("names what its alerts have in common", () => {
    const mule = { account: "mule", account_id: "GB mule", country: "GB", name: "Mallory" };
    const into = alert("in");
    into.payment.receiver = mule;
    const out = alert("out", { typologies: ["pass_through", "fan_in"] });
    out.payment.sender = mule;
    expect(suggestedTitle([into, out])).toBe("Fan in: Mallory");
    expect(suggestedTitle([alert("x", { typologies: [] })])).toBe("x-from");
    expect(suggestedTitle([])).toBe("");
  });
});
