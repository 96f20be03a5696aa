// Small parts that every view uses: amounts, times, parties, severities, and what stands where there is
// nothing to show.

import type { ReactNode } from "react";
import { Link } from "wouter";
import { type Party, Refusal, type Schemas } from "../api/client";
import * as money from "../format/money";
import * as time from "../format/time";
import { account, country, words } from "../format/words";
import { accountPath } from "../shell/paths";

export function Time({ at, dateOnly = false }: { at: string; dateOnly?: boolean }) {
  return (
    <time dateTime={at} title={time.utc(at)}>
      {dateOnly ? time.localDate(at) : time.local(at)}
    </time>
  );
}

export function Amount({ amount, currency }: Schemas["Money"]) {
  return <span className="isolate">{money.money(amount, currency)}</span>;
}

export function SeverityChip({ severity }: { severity: Schemas["Severity"] }) {
  return <span className={`chip ${severity}`}>{words(severity)}</span>;
}

export function StatusChip({ status }: { status: Schemas["AlertStatus"] }) {
  const tone = { open: "", awaiting_approval: "medium", closed: "good" }[status];
  return <span className={`chip ${tone}`}>{words(status)}</span>;
}

/** A party: its name, or its account where it has none, and where its bank is. */
export function PartyName({ party, linked = false }: { party: Party; linked?: boolean }) {
  const name = party.name ?? account(party.account);
  const shown = <bdi className={party.name ? "isolate" : "isolate mono"}>{name}</bdi>;
  const title = `${account(party.account)} · ${country(party.country)}`;
  return (
    <span title={title}>
      {linked ? <Link href={accountPath(party.account_id)}>{shown}</Link> : shown}{" "}
      <span className="soft">{party.country}</span>
    </span>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** What could not be read, and a way to try again. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const id = error instanceof Refusal ? error.requestId : undefined;
  return (
    <div className="notice bad" role="alert">
      <p>{error.message}</p>
      {id && <p className="soft">Request {id}</p>}
      {retry && (
        <p>
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      <div className="body">{children}</div>
    </section>
  );
}
