// The payments of both accounts around the one that the alert is about.

import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { PaymentTable } from "../account/PaymentTable";
import { paymentsQuery } from "../account/queries";
import type { Schemas } from "../api/client";
import { DAY } from "../format/time";
import { Card, Failure } from "../ui/parts";

const Timeline = lazy(() => import("../charts/Timeline"));
const SHOWN = 100;
/** The currency of base amounts. */
const BASE_CURRENCY = "USD";
/** Payments up to this long after the alert's are shown, too. */
const AFTER_MS = 3 * DAY;

interface Props {
  payment: Schemas["AlertPayment"];
  msgId: string;
}

export function Around({ payment, msgId }: Props) {
  const [side, setSide] = useState<"sender" | "receiver">("sender");
  const before = new Date(Date.parse(payment.timestamp) + AFTER_MS).toISOString();
  const queries = useQueries({
    queries: [payment.sender, payment.receiver].map((party) =>
      paymentsQuery(party.account_id, SHOWN, before),
    ),
  });
  const query = queries[side === "sender" ? 0 : 1];
  const tab = (of: "sender" | "receiver", name: string) => (
    <button type="button" className="button" aria-pressed={side === of} onClick={() => setSide(of)}>
      {name}
    </button>
  );
  return (
    <Card
      title="Payments around it"
      aside={
        <fieldset className="tabs">
          <legend className="hidden">Account</legend>
          {tab("sender", "Sender's")}
          {tab("receiver", "Receiver's")}
        </fieldset>
      }
    >
      {query?.error && <Failure error={query.error} />}
      {query?.data ? (
        <>
          {query.data.payments.length > 1 && (
            <Suspense fallback={<div className="timeline" />}>
              <Timeline payments={query.data.payments} currency={BASE_CURRENCY} marked={msgId} />
            </Suspense>
          )}
          <div className="around">
            <PaymentTable payments={query.data.payments} marked={msgId} />
          </div>
        </>
      ) : (
        <p className="soft">Loading…</p>
      )}
    </Card>
  );
}
