import { describe, expect, it } from "vitest";
import { alert } from "./fixtures";
import { ageing, type Filter, grouped, NO_FILTER, passes, sorted, typologies } from "./view";

const sla = { critical: 24, high: 72, medium: 168, low: 336 };
const now = Date.parse("2026-01-05T22:00:01Z");
const viewer = { subject: "ann", sla, now };

function shown(changes: Partial<Filter>, one = alert("a")) {
  return passes({ ...NO_FILTER, ...changes }, viewer)(one);
}

describe("a filter", () => {
  it("finds ids, accounts and names in any spelling", () => {
    const iban = alert("x");
    iban.payment.sender.account = "GB29NWBK60161331926819";
    iban.payment.receiver.name = "José Núñez";
    for (const text of ["gb29 nwbk 6016", "jose nunez", "JOSÉ", "al_x"]) {
      expect(shown({ text }, iban), text).toBe(true);
    }
    expect(shown({ text: "GB30" }, iban)).toBe(false);
  });

  it("hides what is closed and shows only what is asked for", () => {
    expect(shown({}, alert("a", { status: "closed" }))).toBe(false);
    expect(shown({ status: "awaiting_approval" })).toBe(false);
    expect(shown({ whose: "me" }, alert("a", { assignee: "ann" }))).toBe(true);
    expect(shown({ whose: "nobody" }, alert("a", { assignee: "ann" }))).toBe(false);
    expect(shown({ severity: "critical" })).toBe(false);
    expect(shown({ typology: "fan_in", level: "rules", amount: 1200 })).toBe(true);
    expect(shown({ amount: 1201 })).toBe(false);
  });
});

describe("ageing", () => {
  it("is told by the severity's own deadline", () => {
    const of = (severity: "critical" | "high", hours: number) =>
      ageing(alert("a", { severity }), sla, Date.parse("2026-01-05T10:00:01Z") + hours * 3.6e6);
    expect([of("critical", 11), of("critical", 12), of("critical", 24)]).toEqual([
      "fresh",
      "due",
      "overdue",
    ]);
    expect(of("high", 24)).toBe("fresh");
  });
});

describe("sorting", () => {
  it("puts the newer of two equals first", () => {
    const older = alert("a");
    const newer = alert("b");
    const low = alert("c", { score: 0.1 });
    const ids = (descending: boolean) =>
      sorted([low, older, newer], { key: "risk", descending }).map((one) => one.msg_id);
    expect(ids(true)).toEqual(["b", "a", "c"]);
    expect(ids(false)).toEqual(["c", "b", "a"]);
  });

  it("begins with the oldest for age", () => {
    const old = alert("old", { created_at: "2026-01-01T00:00:00.000000Z" });
    const order = sorted([alert("new"), old], { key: "age", descending: true });
    expect(order[0]?.msg_id).toBe("old");
  });
});

describe("grouping", () => {
  it("puts alerts of one account together, on whichever side it is", () => {
    const mule = { account: "mule", account_id: "GB mule", country: "GB" };
    const into = alert("in");
    into.payment.receiver = mule;
    const out = alert("out");
    out.payment.sender = mule;
    const groups = grouped([into, alert("other"), out]);
    expect(groups.map((group) => [group.account, group.alerts.length])).toEqual([
      ["GB mule", 2],
      ["GB other-from", 1],
    ]);
  });

  it("lists typologies by how often they occur", () => {
    const both = alert("b", { typologies: ["cycle", "fan_in"] });
    expect(typologies([alert("a"), both])).toEqual(["fan_in", "cycle"]);
  });
});
