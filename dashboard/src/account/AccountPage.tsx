// An account: what it is, what it does and usually does, whom it deals with, and its payments.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { WeekBars } from "../charts/WeekBars";
import { country, headline, account as spaced } from "../format/words";
import { useQueue } from "../live/desk";
import { alertPath } from "../shell/paths";
import { Card, Empty, Failure, SeverityChip, Time } from "../ui/parts";
import { PaymentTable } from "./PaymentTable";
import { accountQuery } from "./queries";

const Network = lazy(() => import("../network/Network"));
const Timeline = lazy(() => import("../charts/Timeline"));
const PAGE = 100;

export default function AccountPage({ id }: { id: string }) {
  const account = useQuery(accountQuery(id));
  const payments = useInfiniteQuery({
    queryKey: ["payments", id, "pages"],
    queryFn: ({ pageParam }) => {
      const query = { account_id: id, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return answer(api.GET("/api/v1/payments", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor ?? undefined,
  });
  const listed = useMemo(
    () => payments.data?.pages.flatMap((page) => page.payments) ?? [],
    [payments.data],
  );
  const { alerts } = useQueue("alerts");
  const own = useMemo(
    () =>
      alerts.filter(
        ({ payment }) => payment.sender.account_id === id || payment.receiver.account_id === id,
      ),
    [alerts, id],
  );
  useEffect(() => {
    document.title = `${account.data?.name ?? id} · FinCrime Sentinel`;
  }, [account.data, id]);
  if (account.error) return <Failure error={account.error} retry={() => void account.refetch()} />;
  if (!account.data) return <p className="soft">Loading…</p>;
  const { name, account: number, country: code, activity, base_currency: base } = account.data;
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <h1>
            <bdi className="isolate">{name ?? spaced(number)}</bdi>
          </h1>
          <p className="soft">
            {name && <span className="mono isolate">{spaced(number)}</span>} {country(code)} · first
            payment <Time at={activity.first_seen} dateOnly /> · newest{" "}
            <Time at={activity.last_seen} />
          </p>
        </div>
      </header>
      <div className="columns">
        <Card title="Now and usual">
          <div className="pair">
            <WeekBars flow={activity.sent} currency={base} direction="sent" />
            <WeekBars flow={activity.received} currency={base} direction="received" />
          </div>
        </Card>
        <Card title="Waiting alerts">
          {own.length === 0 ? (
            <p className="soft">None.</p>
          ) : (
            <ul className="stack">
              {own.slice(0, 20).map((alert) => (
                <li key={alert.alert_id}>
                  <SeverityChip severity={alert.severity} />{" "}
                  <Link href={alertPath(alert.alert_id)}>
                    <span className="isolate">{headline(alert.explanation)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
      <Card title="Money flow">
        <Suspense fallback={<p className="soft">Loading…</p>}>
          <Network focal={[id]} />
        </Suspense>
      </Card>
      <Card title="Payments">
        {payments.error && <Failure error={payments.error} />}
        {listed.length === 0 && !payments.isPending && <Empty title="No payments." />}
        {listed.length > 1 && (
          <Suspense fallback={<div className="timeline" />}>
            <Timeline payments={listed} currency={base} />
          </Suspense>
        )}
        <PaymentTable payments={listed} />
        {payments.hasNextPage && (
          <p>
            <button
              type="button"
              className="button"
              disabled={payments.isFetchingNextPage}
              onClick={() => void payments.fetchNextPage()}
            >
              Older payments
            </button>
          </p>
        )}
      </Card>
    </article>
  );
}
