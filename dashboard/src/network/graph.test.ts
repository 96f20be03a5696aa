import { describe, expect, it } from "vitest";
import type { Payment } from "../api/client";
import { graph, MOST_NODES, peeks } from "./graph";

let next = 0;
function paid(side: "sender" | "receiver", other: string, amount = 100, id = `m-${next++}`) {
  return {
    msg_id: id,
    kind: "payment",
    side,
    counterparty: { account: other, account_id: other, country: "GB" },
    base_amount: amount,
  } as Payment;
}

function listing(account: string, payments: Payment[]) {
  return { account, party: undefined, payments };
}

describe("the network", () => {
  it("sums payments between the same two accounts and counts each once", () => {
    const shared = paid("sender", "b", 50, "same");
    const mirrored = { ...paid("receiver", "a", 50, "same") };
    const { edges } = graph(
      [listing("a", [shared, paid("sender", "b", 70)]), listing("b", [mirrored])],
      ["a"],
    );
    expect(edges).toEqual([{ from: "a", to: "b", amount: 120, count: 2, inCycle: false }]);
  });

  it("marks a circle, but not money that goes there and back", () => {
    const { edges } = graph(
      [
        listing("a", [
          paid("sender", "b"),
          paid("receiver", "c"),
          paid("sender", "d"),
          paid("receiver", "d"),
        ]),
        listing("b", [paid("sender", "c")]),
      ],
      ["a"],
    );
    const marked = edges.filter((edge) => edge.inCycle).map((edge) => `${edge.from}${edge.to}`);
    expect(marked.sort()).toEqual(["ab", "bc", "ca"]);
  });

  it("closes a circle by looking at the largest counterparties, without their other business", () => {
    const own = listing("a", [
      paid("sender", "b", 900),
      paid("receiver", "c", 800),
      paid("sender", "d", 1),
    ]);
    expect(peeks([own], 2)).toEqual(["b", "c"]);
    const peek = {
      ...listing("b", [paid("sender", "c"), paid("sender", "stranger")]),
      isPeek: true,
    };
    const { nodes, edges } = graph([own, peek], ["a"]);
    expect(edges.filter((edge) => edge.inCycle)).toHaveLength(3);
    expect(nodes.map((node) => node.id).sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("draws a bounded number of accounts, the largest flows first, circles always", () => {
    const many = Array.from({ length: 100 }, (_, n) => paid("receiver", `p${n}`, n + 1));
    const circle = [paid("sender", "x", 0.1), paid("receiver", "y", 0.1)];
    const drawn = graph(
      [listing("a", [...many, ...circle]), listing("x", [paid("sender", "y", 0.1)])],
      ["a"],
    );
    expect(drawn.nodes).toHaveLength(MOST_NODES);
    expect(drawn.hidden).toBe(103 - MOST_NODES);
    const ids = new Set(drawn.nodes.map((node) => node.id));
    expect(["a", "x", "y", "p99"].every((id) => ids.has(id))).toBe(true);
    expect(ids.has("p0")).toBe(false);
  });

  it("puts payers before and payees behind the account", () => {
    const { nodes } = graph([listing("a", [paid("receiver", "in"), paid("sender", "out")])], ["a"]);
    const depth = Object.fromEntries(nodes.map((node) => [node.id, node.depth]));
    expect(depth).toEqual({ a: 0, in: -1, out: 1 });
  });
});
