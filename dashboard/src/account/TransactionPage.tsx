// A payment that belongs to no alert: its decision and the reasons for it.

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { percent } from "../format/money";
import { alertPath } from "../shell/paths";
import { Card, Failure, Time } from "../ui/parts";

export default function TransactionPage({ id }: { id: string }) {
  const transaction = useQuery({
    queryKey: ["transaction", id],
    queryFn: () => answer(api.GET("/api/v1/transactions", { params: { query: { msg_id: id } } })),
  });
  if (transaction.error) return <Failure error={transaction.error} />;
  if (!transaction.data) return <p className="soft">Loading…</p>;
  const found = transaction.data;
  return (
    <article className="page">
      <h1 className="isolate">{id}</h1>
      {"decided_at" in found ? (
        <Card title="Decision">
          <p>
            <bdi className="isolate">{found.explanation}</bdi>
          </p>
          <p className="soft">
            Risk {percent(found.risk_score)} · decided <Time at={found.decided_at} />
          </p>
          {found.alert_id && <Link href={alertPath(found.alert_id)}>Its alert</Link>}
        </Card>
      ) : (
        <p>
          {found.status === "history"
            ? "This payment is history: it is counted and was not judged."
            : "This payment was received and is not decided yet."}
        </p>
      )}
    </article>
  );
}
