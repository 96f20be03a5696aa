// The queue as a spreadsheet reads it.

import type { Alert } from "../api/client";
import { headline } from "../format/words";

const COLUMNS: readonly (readonly [string, (alert: Alert) => string | number])[] = [
  ["alert_id", (alert) => alert.alert_id],
  ["msg_id", (alert) => alert.msg_id],
  ["created_at", (alert) => alert.created_at],
  ["severity", (alert) => alert.severity],
  ["risk", (alert) => alert.score],
  ["status", (alert) => alert.status],
  ["assignee", (alert) => alert.assignee ?? ""],
  ["typologies", (alert) => alert.typologies.join(" ")],
  ["why", (alert) => headline(alert.explanation)],
  ["sender_account", (alert) => alert.payment.sender.account],
  ["sender_name", (alert) => alert.payment.sender.name ?? ""],
  ["receiver_account", (alert) => alert.payment.receiver.account],
  ["receiver_name", (alert) => alert.payment.receiver.name ?? ""],
  ["amount", (alert) => alert.payment.amount],
  ["currency", (alert) => alert.payment.currency],
  ["paid_at", (alert) => alert.payment.timestamp],
];

/** Alerts as CSV (RFC 4180, UTF-8). */
export function csv(alerts: readonly Alert[]): string {
  const header = COLUMNS.map(([name]) => name).join(",");
  const lines = alerts.map((alert) => COLUMNS.map(([, of]) => cell(of(alert))).join(","));
  return [header, ...lines, ""].join("\r\n");
}

/** A cell. A text that a spreadsheet would take for a formula begins with an apostrophe instead. */
export function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lets the browser save a text as a file. */
export function save(name: string, text: string): void {
  // The mark tells Excel that the file is UTF-8.
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
