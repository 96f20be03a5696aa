// An alert: why it came up first, in sentences; then how the risk came about, what the accounts usually
// do, what happened around it, and what people did about it.

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { type AlertDetail, answer, api, type Schemas } from "../api/client";
import { percent } from "../format/money";
import { headline, sentenceCase, words } from "../format/words";
import { Amount, Card, Failure, PartyName, SeverityChip, StatusChip, Time } from "../ui/parts";
import { Accounts } from "./Accounts";
import { Actions } from "./Actions";
import { Around } from "./Around";
import { Explanation } from "./Explanation";
import { History } from "./History";
import { Rules } from "./Rules";
import { Waterfall } from "./Waterfall";

const Network = lazy(() => import("../network/Network"));

export default function AlertPage({ id }: { id: string }) {
  const alert = useQuery({
    queryKey: ["alert", id],
    queryFn: () => answer(api.GET("/api/v1/alerts/{id}", { params: { path: { id } } })),
  });
  useEffect(() => {
    document.title = `${id} · FinCrime Sentinel`;
  }, [id]);
  if (alert.error) return <Failure error={alert.error} retry={() => void alert.refetch()} />;
  if (!alert.data) return <p className="soft">Loading…</p>;
  return <Detail detail={alert.data} />;
}

function Detail({ detail }: { detail: AlertDetail }) {
  const { alert, decision, evidence } = detail;
  const { payment } = alert;
  const term = (feature: string) => sentenceCase(detail.feature_words[feature] ?? words(feature));
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <p className="tags">
            <SeverityChip severity={alert.severity} /> <StatusChip status={alert.status} />{" "}
            {alert.typologies.map((code) => (
              <span key={code} className="chip">
                {words(code)}
              </span>
            ))}
          </p>
          <h1>
            <bdi className="isolate">{headline(alert.explanation)}</bdi>
          </h1>
          <p className="soft">
            <span className="isolate mono">{alert.msg_id}</span> · <Time at={alert.created_at} /> ·
            decided by {alert.level === "llm" ? "the LLM" : alert.level}
            {alert.hits > 0 &&
              ` · ${alert.hits === 1 ? "1 more payment" : `${alert.hits} more payments`} joined it`}
          </p>
        </div>
        <Actions alert={alert} />
      </header>

      <section className="card payment" aria-label="The payment">
        <dl>
          <div>
            <dt>From</dt>
            <dd>
              <PartyName party={payment.sender} linked />
            </dd>
          </div>
          <div>
            <dt>To</dt>
            <dd>
              <PartyName party={payment.receiver} linked />
            </dd>
          </div>
          <div>
            <dt>Amount</dt>
            <dd>
              <Amount amount={payment.amount} currency={payment.currency} />
            </dd>
          </div>
          <div>
            <dt>How</dt>
            <dd>{words(payment.payment_type)}</dd>
          </div>
          <div>
            <dt>When</dt>
            <dd>
              <Time at={payment.timestamp} />
            </dd>
          </div>
          <div>
            <dt>Risk</dt>
            <dd>
              <strong>{percent(alert.score)}</strong>
            </dd>
          </div>
        </dl>
      </section>

      <div className="columns">
        <Card title="Why">
          <Reasons decision={decision} />
          <Explanation id={alert.alert_id} known={detail.explanation ?? undefined} />
        </Card>
        <Card title="How the risk came about">
          <Waterfall evidence={evidence} risk={decision.risk_score} words={term} />
        </Card>
      </div>

      <Accounts payment={payment} peers={evidence.facts.peers ?? []} words={term} />

      <Card title="Money flow">
        <Suspense fallback={<p className="soft">Loading…</p>}>
          <Network focal={[payment.sender.account_id, payment.receiver.account_id]} />
        </Suspense>
      </Card>
      <Around payment={payment} msgId={alert.msg_id} />
      <Rules msgId={alert.msg_id} />
      {evidence.llm && <LlmLook llm={evidence.llm} />}
      <div className="columns">
        <History detail={detail} />
        <Versions evidence={evidence} />
      </div>
    </article>
  );
}

function Reasons({ decision }: { decision: Schemas["Decision"] }) {
  return (
    <ol className="reasons">
      {decision.reasons.map((reason) => (
        <li key={`${reason.source} ${reason.code}`}>
          <bdi className="isolate">{reason.text}</bdi>
          <span className="soft">
            {reason.source === "rule" && `Rule ${words(reason.code)}`}
            {reason.source === "model" && "Model"}
            {reason.source === "llm" && "LLM"}
          </span>
        </li>
      ))}
    </ol>
  );
}

function LlmLook({ llm }: { llm: Schemas["LlmEvidence"] }) {
  const earlier = llm.earlier?.length ?? 0;
  return (
    <Card title="What the LLM was told and said">
      <p>
        It was given the facts, the fired rules, the model's contributions and the redacted purpose
        of this payment{earlier > 0 && ` and of ${earlier} earlier ones`}; names, accounts and
        contacts are placeholders.
      </p>
      {llm.assessment ? (
        <pre
          className="said"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
          tabIndex={0}
        >
          {JSON.stringify(llm.assessment, null, 2)}
        </pre>
      ) : (
        <p>It gave no answer{llm.unavailable && `: ${words(llm.unavailable).toLowerCase()}`}.</p>
      )}
      <p className="soft">
        {llm.model} · {llm.input_tokens} tokens in, {llm.output_tokens} out ·{" "}
        {llm.cached ? "from the cache, at no cost" : `${llm.cost_micro_usd} millionths of a USD`} ·
        prompt <code>{llm.prompt_hash.slice(0, 16)}</code>
      </p>
    </Card>
  );
}

function Versions({ evidence }: { evidence: Schemas["Evidence"] }) {
  const { versions } = evidence;
  return (
    <Card title="Versions">
      <dl className="versions">
        {Object.entries(versions).map(([name, version]) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd>
              <code>{version}</code>
            </dd>
          </div>
        ))}
        <div>
          <dt>Payment</dt>
          <dd>
            <code>{String(evidence.transaction_hash).slice(0, 24)}…</code>
          </dd>
        </div>
      </dl>
    </Card>
  );
}
