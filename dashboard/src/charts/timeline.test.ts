import { describe, expect, it } from "vitest";
import type { Payment } from "../api/client";
import { decades, timeline } from "./timeline";

function paid(id: string, side: "sender" | "receiver", day: number, kind = "payment") {
  const timestamp = `2026-01-0${day}T00:00:00Z`;
  return { msg_id: id, side, timestamp, kind, base_amount: 100 * day } as Payment;
}

describe("a timeline", () => {
  it("runs forward, with what left below the line and the marked payment apart", () => {
    const { times, received, sent, marked } = timeline(
      [paid("c", "receiver", 3), paid("b", "sender", 2), paid("a", "receiver", 1)],
      "c",
    );
    expect(times.map((at) => new Date(at * 1000).getUTCDate())).toEqual([1, 2, 3]);
    expect(received).toEqual([100, null, null]);
    expect(sent).toEqual([null, -200, null]);
    expect(marked).toEqual([null, null, 300]);
  });

  it("leaves out what moved no money", () => {
    expect(timeline([paid("a", "sender", 1, "declined")]).times).toEqual([]);
  });

  it("has marks at powers of ten", () => {
    expect(decades(-120_000, 9_000)).toEqual([-100_000, -10_000, -1_000, 0, 1_000]);
    expect(decades(0, 50)).toEqual([0]);
  });
});
