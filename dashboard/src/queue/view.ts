// What of a queue is shown and in which order: filters, sorting, grouping by account, and the age of
// an alert against its deadline. All pure.

import type { Alert } from "../api/client";
import type { DeskConfig } from "../session/config";

export type Severity = Alert["severity"];
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

export interface Filter {
  text: string;
  status: "" | "open" | "awaiting_approval";
  /** `me`, `nobody`, or nothing. */
  whose: "" | "me" | "nobody";
  severity: "" | Severity;
  level: "" | Alert["level"];
  typology: string;
  /** Least amount in the base currency. */
  amount: number;
  /** Only alerts past their deadline. */
  overdue: boolean;
}

export const NO_FILTER: Filter = {
  text: "",
  status: "",
  whose: "",
  severity: "",
  level: "",
  typology: "",
  amount: 0,
  overdue: false,
};

export type SortKey = "risk" | "age" | "amount";
export interface Sort {
  key: SortKey;
  /** Whether the largest, or oldest, comes first. */
  descending: boolean;
}

export interface View {
  filter: Filter;
  sort: Sort;
  grouped: boolean;
}

export const DEFAULT_VIEW: View = {
  filter: NO_FILTER,
  sort: { key: "risk", descending: true },
  grouped: false,
};

export type Ageing = "fresh" | "due" | "overdue";

/** Where an alert stands against its deadline: half of the time may pass before it is due. */
export function ageing(alert: Alert, sla: DeskConfig["sla_hours"], now: number): Ageing {
  const share = (now - Date.parse(alert.created_at)) / (sla[alert.severity] * 3_600_000);
  if (share >= 1) return "overdue";
  return share >= 0.5 ? "due" : "fresh";
}

export interface Viewer {
  subject: string;
  sla: DeskConfig["sla_hours"];
  now: number;
}

/** Returns the test that alerts of a filter pass. */
export function passes(filter: Filter, viewer: Viewer): (alert: Alert) => boolean {
  const text = plain(filter.text);
  return (alert) => {
    if (filter.status ? alert.status !== filter.status : alert.status === "closed") return false;
    if (filter.whose === "me" && alert.assignee !== viewer.subject) return false;
    if (filter.whose === "nobody" && alert.assignee) return false;
    if (filter.severity && alert.severity !== filter.severity) return false;
    if (filter.level && alert.level !== filter.level) return false;
    if (filter.typology && !alert.typologies.includes(filter.typology)) return false;
    if (alert.payment.base_amount < filter.amount) return false;
    if (filter.overdue && ageing(alert, viewer.sla, viewer.now) !== "overdue") return false;
    return text === "" || haystack(alert).includes(text);
  };
}

const haystacks = new WeakMap<Alert, string>();

function haystack(alert: Alert): string {
  let text = haystacks.get(alert);
  if (text === undefined) {
    const { sender, receiver } = alert.payment;
    const parties = [sender, receiver].flatMap((party) => [party.account, party.name ?? ""]);
    text = [alert.msg_id, alert.alert_id, ...parties].map(plain).join("\n");
    haystacks.set(alert, text);
  }
  return text;
}

/** Without case, accents and spaces: an IBAN is found in any spelling. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\s]/gu, "")
    .toLowerCase();
}

const ORDER: Record<SortKey, (alert: Alert) => number> = {
  risk: (alert) => alert.score,
  // The older, the larger.
  age: (alert) => -Date.parse(alert.created_at),
  amount: (alert) => alert.payment.base_amount,
};

export function sorted(alerts: readonly Alert[], sort: Sort): Alert[] {
  const of = ORDER[sort.key];
  const sign = sort.descending ? -1 : 1;
  return [...alerts].sort(
    (a, b) =>
      sign * (of(a) - of(b)) || (a.sequence < b.sequence ? 1 : a.sequence > b.sequence ? -1 : 0),
  );
}

export interface Group {
  /** The account that the alerts have in common. */
  account: string;
  alerts: Alert[];
}

/**
 * Puts alerts of one account together: each goes to whichever of its two accounts has more alerts.
 * Groups come in the order of their first alert.
 */
export function grouped(alerts: readonly Alert[]): Group[] {
  const counts = new Map<string, number>();
  for (const alert of alerts) {
    for (const id of accounts(alert)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const groups = new Map<string, Group>();
  for (const alert of alerts) {
    const [sender, receiver] = accounts(alert);
    const account = (counts.get(receiver) ?? 0) > (counts.get(sender) ?? 0) ? receiver : sender;
    const group = groups.get(account);
    if (group) group.alerts.push(alert);
    else groups.set(account, { account, alerts: [alert] });
  }
  return [...groups.values()];
}

function accounts(alert: Alert): [string, string] {
  return [alert.payment.sender.account_id, alert.payment.receiver.account_id];
}

/** Every typology in a queue, the most frequent first. */
export function typologies(alerts: readonly Alert[]): string[] {
  const counts = new Map<string, number>();
  for (const alert of alerts) {
    for (const code of alert.typologies) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts.entries()].sort((a, b) => b[1] - a[1]).map(([code]) => code);
}
