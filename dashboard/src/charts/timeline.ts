// Payments of an account over time, as uPlot wants them: what came in above the line, what left below.

import type { Payment } from "../api/client";

export interface Timeline {
  /** Seconds since the Unix epoch, oldest first; the other lists have an entry for each. */
  times: number[];
  received: (number | null)[];
  sent: (number | null)[];
  /** The payment that the view is about. */
  marked: (number | null)[];
}

export function timeline(payments: readonly Payment[], marked?: string): Timeline {
  const counted = payments.filter((payment) => payment.kind !== "declined");
  const ordered = counted
    .map((payment) => ({ payment, at: Date.parse(payment.timestamp) / 1000 }))
    .sort((a, b) => a.at - b.at);
  const lists: Timeline = { times: [], received: [], sent: [], marked: [] };
  for (const { payment, at } of ordered) {
    const amount = payment.side === "sender" ? -payment.base_amount : payment.base_amount;
    const isMarked = payment.msg_id === marked;
    lists.times.push(at);
    lists.received.push(!isMarked && amount > 0 ? amount : null);
    lists.sent.push(!isMarked && amount < 0 ? amount : null);
    lists.marked.push(isMarked ? amount : null);
  }
  return lists;
}

/** The marks of an axis of amounts: zero and every power of ten from a thousand on, on both sides. */
export function decades(least: number, most: number): number[] {
  const marks = [0];
  for (let mark = 1_000; mark <= Math.max(most, -least); mark *= 10) {
    if (mark <= most) marks.push(mark);
    if (-mark >= least) marks.unshift(-mark);
  }
  return marks;
}
