// What happened to the alert: its decision, the payments that joined it, and what people did.

import type { AlertDetail, Schemas } from "../api/client";
import { percent } from "../format/money";
import { words } from "../format/words";
import { PersonName, useNames } from "../session/people";
import { Card, Time } from "../ui/parts";
import { REASONS } from "./work";

function told(step: Schemas["StepTaken"], nameOf: (subject: string) => string): string {
  switch (step.step) {
    case "dispose": {
      const reason = step.reason ? `: ${REASONS[step.reason]}` : "";
      return `concluded ${words(step.conclusion).toLowerCase()}${reason}`;
    }
    case "approve":
      return "approved it";
    case "reject":
      return "sent it back";
    case "reopen":
      return "reopened it";
    case "assign":
      return step.to ? `assigned it to ${nameOf(step.to)}` : "assigned it to nobody";
  }
}

export function History({ detail }: { detail: AlertDetail }) {
  const { alert, steps, hits } = detail;
  const nameOf = useNames();
  return (
    <Card title="History">
      <ol className="stack history">
        <li>
          <Time at={alert.created_at} /> The alert came up
          {alert.raises && <> and replaced {alert.raises}</>}
        </li>
        {steps.map((step) => (
          <li key={step.version}>
            <Time at={step.at} /> <PersonName subject={step.by} />{" "}
            <bdi className="isolate">{told(step, nameOf)}</bdi>
            {"note" in step && step.note && (
              <p className="soft">
                <bdi className="isolate">{step.note}</bdi>
              </p>
            )}
          </li>
        ))}
      </ol>
      {hits.length > 0 && (
        <>
          <h3>Payments that joined it</h3>
          <ul className="stack">
            {hits.map((hit) => (
              <li key={hit.msg_id}>
                <Time at={hit.at} /> <span className="mono isolate">{hit.msg_id}</span> ·{" "}
                {percent(hit.score)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
