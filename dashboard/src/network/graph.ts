// The network of accounts around one or two focal ones, as payments show it: flows summed by sender and
// receiver, bounded, with what matters to an analyst marked: money that comes back in a circle.

import type { Party, Payment } from "../api/client";

export interface Node {
  id: string;
  label: string;
  country: string;
  isFocal: boolean;
  /** Sum of all flows in the base currency. */
  amount: number;
  /** Steps from a focal account: negative for payers, positive for payees. */
  depth: number;
}

export interface Edge {
  from: string;
  to: string;
  amount: number;
  count: number;
  /** Whether it lies on a circle through a focal account. */
  inCycle: boolean;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
  /** Counterparties left out because there are too many. */
  hidden: number;
}

/** Most nodes drawn. */
export const MOST_NODES = 40;
/** Most steps of a circle. */
const MOST_STEPS = 5;

export interface Listing {
  account: string;
  party: Party | undefined;
  payments: readonly Payment[];
  /** Whether only its payments to accounts that are known anyway are drawn, which closes circles. */
  isPeek?: boolean;
}

/** The largest counterparties of listed accounts, whose payments may close a circle. */
export function peeks(listings: readonly Listing[], most: number): string[] {
  const amounts = new Map<string, number>();
  for (const { payments } of listings) {
    for (const { counterparty, base_amount: amount } of payments) {
      const id = counterparty.account_id;
      amounts.set(id, (amounts.get(id) ?? 0) + amount);
    }
  }
  for (const { account } of listings) amounts.delete(account);
  const ranked = [...amounts.entries()].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return ranked.slice(0, most).map(([id]) => id);
}

export function graph(listings: readonly Listing[], focal: readonly string[]): Graph {
  const edges = new Map<string, Edge>();
  const parties = new Map<string, Party>();
  const seen = new Set<string>();
  const known = new Set(
    listings
      .filter((listing) => !listing.isPeek)
      .flatMap(({ account, payments }) => [
        account,
        ...payments.map((payment) => payment.counterparty.account_id),
      ]),
  );
  for (const { account, party, payments, isPeek } of listings) {
    if (party) parties.set(account, party);
    for (const payment of payments) {
      if (isPeek && !known.has(payment.counterparty.account_id)) continue;
      // The same payment may be in the lists of both of its accounts.
      if (seen.has(payment.msg_id)) continue;
      seen.add(payment.msg_id);
      if (payment.kind === "declined" || payment.kind === "reversal") continue;
      const other = payment.counterparty.account_id;
      parties.set(other, payment.counterparty);
      const [from, to] = payment.side === "sender" ? [account, other] : [other, account];
      const key = `${from} → ${to}`;
      const edge = edges.get(key) ?? { from, to, amount: 0, count: 0, inCycle: false };
      edge.amount += payment.base_amount;
      edge.count += 1;
      edges.set(key, edge);
    }
  }
  markCycles([...edges.values()], focal);
  const amounts = new Map<string, number>();
  for (const { from, to, amount, inCycle } of edges.values()) {
    // What lies on a circle is never left out.
    const weight = inCycle ? amount + 1e15 : amount;
    for (const id of [from, to]) amounts.set(id, (amounts.get(id) ?? 0) + weight);
  }
  const opened = listings.filter((listing) => !listing.isPeek);
  const listed = new Set(opened.map((listing) => listing.account));
  const rank = (id: string) =>
    (focal.includes(id) ? 2e18 : listed.has(id) ? 1e18 : 0) + (amounts.get(id) ?? 0);
  const all = [...new Set([...focal, ...amounts.keys()])].sort((a, b) => rank(b) - rank(a));
  const kept = new Set(all.slice(0, MOST_NODES));
  const drawn = [...edges.values()].filter(({ from, to }) => kept.has(from) && kept.has(to));
  const depths = depthsOf(drawn, focal);
  const nodes = [...kept].map((id): Node => {
    const party = parties.get(id);
    return {
      id,
      label: party?.name ?? party?.account ?? id,
      country: party?.country ?? "",
      isFocal: focal.includes(id),
      amount: (amounts.get(id) ?? 0) % 1e15,
      depth: depths.get(id) ?? 0,
    };
  });
  return { nodes, edges: drawn, hidden: all.length - kept.size };
}

function markCycles(edges: Edge[], focal: readonly string[]): void {
  const out = new Map<string, Edge[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  for (const start of focal) {
    const path: Edge[] = [];
    const onPath = new Set<string>();
    const visit = (at: string) => {
      for (const edge of out.get(at) ?? []) {
        if (edge.to === start) {
          // There and back between two accounts is no circle.
          if (path.length >= 2) for (const part of [...path, edge]) part.inCycle = true;
          continue;
        }
        if (onPath.has(edge.to) || path.length + 1 >= MOST_STEPS) continue;
        path.push(edge);
        onPath.add(edge.to);
        visit(edge.to);
        onPath.delete(edge.to);
        path.pop();
      }
    };
    onPath.add(start);
    visit(start);
  }
}

function depthsOf(edges: readonly Edge[], focal: readonly string[]): Map<string, number> {
  const depths = new Map<string, number>(focal.map((id, n) => [id, focal.length > 1 ? n : 0]));
  for (let step = 0; step < 4; step += 1) {
    const next = new Map<string, number[]>();
    for (const { from, to } of edges) {
      const [known, unknown, way] = depths.has(from) ? [from, to, 1] : [to, from, -1];
      if (!depths.has(known) || depths.has(unknown)) continue;
      next.set(unknown, [...(next.get(unknown) ?? []), (depths.get(known) ?? 0) + way]);
    }
    for (const [id, found] of next) {
      depths.set(id, found.reduce((sum, depth) => sum + depth, 0) / found.length);
    }
  }
  return depths;
}
