// The rows of the queue. Only those in sight are in the document, however many there are.

import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useEffect, useMemo, useRef } from "react";
import { Link } from "wouter";
import type { Alert } from "../api/client";
import { percent } from "../format/money";
import { span, utc } from "../format/time";
import { account, headline, words } from "../format/words";
import { PersonName } from "../session/people";
import { accountPath, alertPath } from "../shell/paths";
import { Amount, PartyName, SeverityChip } from "../ui/parts";
import type { Triage } from "./triage";
import { ageing, grouped as groupsOf, type Sort, type SortKey, type Viewer } from "./view";

interface Props {
  alerts: readonly Alert[];
  grouped: boolean;
  sort: Sort;
  onSort: (key: SortKey) => void;
  viewer: Viewer;
  triage: Triage;
  empty: ReactNode;
}

type Line = { alert: Alert } | { account: string; count: number };

export function QueueTable({ alerts, grouped, sort, onSort, viewer, triage, empty }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines: Line[] = useMemo(() => {
    if (!grouped) return alerts.map((alert) => ({ alert }));
    return groupsOf(alerts).flatMap((group): Line[] => [
      { account: group.account, count: group.alerts.length },
      ...group.alerts.map((alert) => ({ alert })),
    ]);
  }, [alerts, grouped]);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const isPhone = window.matchMedia("(max-width: 48rem)").matches;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (n) => ("alert" in (lines[n] as Line) ? (isPhone ? 7 : 3.375) : 2.25) * rem,
    getItemKey: (n) => {
      const line = lines[n] as Line;
      return "alert" in line ? line.alert.alert_id : `account ${line.account}`;
    },
    overscan: 8,
  });

  const current = triage.current?.alert_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a moved cursor scrolls, no new alert
  useEffect(() => {
    if (!current) return;
    const at = lines.findIndex((line) => "alert" in line && line.alert.alert_id === current);
    if (at < 0) return;
    virtual.scrollToIndex(at);
    // The row may have to be drawn first.
    requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLElement>("[data-current]")
        ?.focus({ preventScroll: true });
    });
  }, [current]);

  const column = (key: SortKey, name: string) => (
    <button type="button" onClick={() => onSort(key)}>
      {name}
    </button>
  );
  const order = (key: SortKey) =>
    sort.key === key ? (sort.descending ? "descending" : "ascending") : "none";
  return (
    <div role="table" aria-label="Alerts" aria-rowcount={lines.length}>
      <div role="rowgroup">
        <div role="row" className="line head">
          <span role="columnheader">
            <input
              type="checkbox"
              aria-label="Select all"
              checked={triage.selected.size > 0}
              onChange={triage.toggleAll}
            />
          </span>
          <span role="columnheader">Severity</span>
          <span role="columnheader" aria-sort={order("risk")}>
            {column("risk", "Risk")}
          </span>
          <span role="columnheader">Why</span>
          <span role="columnheader">From and to</span>
          <span role="columnheader" aria-sort={order("amount")} className="amount">
            {column("amount", "Amount")}
          </span>
          <span role="columnheader" aria-sort={order("age")}>
            {column("age", "Age")}
          </span>
          <span role="columnheader">Whose</span>
        </div>
      </div>
      <div
        role={lines.length > 0 ? "rowgroup" : undefined}
        className="rows"
        ref={scroller}
        tabIndex={lines.length > 0 ? 0 : undefined}
      >
        {lines.length === 0 ? (
          empty
        ) : (
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map((item) => {
              const line = lines[item.index] as Line;
              return "alert" in line ? (
                <Row
                  key={item.key}
                  alert={line.alert}
                  index={item.index}
                  top={item.start}
                  viewer={viewer}
                  isCurrent={line.alert.alert_id === current}
                  isSelected={triage.selected.has(line.alert.alert_id)}
                  onFocus={triage.focus}
                  onToggle={triage.toggle}
                />
              ) : (
                <div
                  key={item.key}
                  role="row"
                  className="group"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <span role="cell">
                    <Link href={accountPath(line.account)} className="mono isolate">
                      {account(line.account)}
                    </Link>{" "}
                    <span className="soft">
                      {line.count === 1 ? "1 alert" : `${line.count} alerts`}
                    </span>
                  </span>
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  alert: Alert;
  index: number;
  top: number;
  viewer: Viewer;
  isCurrent: boolean;
  isSelected: boolean;
  onFocus: (id: string) => void;
  onToggle: (id: string) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { alert, index, top, viewer, isCurrent, isSelected, onFocus, onToggle } = props;
  const { payment } = alert;
  const age = viewer.now - Date.parse(alert.created_at);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the page's keys act on the current row
    <div
      role="row"
      className="line row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      data-current={isCurrent || undefined}
      data-alert={alert.alert_id}
      tabIndex={isCurrent ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onFocus(alert.alert_id)}
    >
      <span role="cell" className="pick">
        <input
          type="checkbox"
          aria-label={`Select ${alert.msg_id}`}
          checked={isSelected}
          onClick={(event) => event.stopPropagation()}
          onChange={() => onToggle(alert.alert_id)}
        />
      </span>
      <span role="cell" className="severity">
        <SeverityChip severity={alert.severity} />
      </span>
      <span role="cell" className="risk">
        {percent(alert.score)}
      </span>
      <span role="cell" className="reason" title={alert.typologies.map(words).join(", ")}>
        <Link href={alertPath(alert.alert_id)} className="isolate">
          {headline(alert.explanation)}
        </Link>
      </span>
      <span role="cell" className="parties">
        <PartyName party={payment.sender} />
        <PartyName party={payment.receiver} />
      </span>
      <span role="cell" className="amount">
        <Amount amount={payment.amount} currency={payment.currency} />
        {alert.hits > 0 && <div className="soft">+{alert.hits} more</div>}
      </span>
      <span
        role="cell"
        className="age"
        data-ageing={ageing(alert, viewer.sla, viewer.now)}
        title={utc(alert.created_at)}
      >
        {span(age)}
      </span>
      <span role="cell" className="who">
        {alert.assignee ? <PersonName subject={alert.assignee} /> : <span className="soft">—</span>}
        {alert.status === "awaiting_approval" && <span className="chip medium">To approve</span>}
      </span>
    </div>
  );
});
