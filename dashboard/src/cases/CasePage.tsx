// A case: its alerts, the protocol of the investigation, what is attached, and every step taken.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { answer, api, Refusal, type Schemas } from "../api/client";
import { headline, words } from "../format/words";
import { AssignMenu, PersonName, useNames } from "../session/people";
import { useMay, useSession } from "../session/session";
import { alertPath, casePath } from "../shell/paths";
import { NoteDialog } from "../ui/NoteDialog";
import { Amount, Card, Failure, PartyName, SeverityChip, Time } from "../ui/parts";
import { useTell } from "../ui/toasts";
import { AttachForm } from "./AttachForm";
import { CloseDialog } from "./CloseDialog";
import { type Case, type CaseStep, takeStep, told } from "./steps";

type Noted = "note" | "escalate" | "return" | "reopen";
const TITLES: Record<Noted, string> = {
  note: "Write a note",
  escalate: "Escalate",
  return: "Hand back",
  reopen: "Reopen",
};

export default function CasePage({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["case", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{id}", { params: { path: { id } } })),
  });
  useEffect(() => {
    document.title = `${found.data?.case.title ?? "Case"} · FinCrime Sentinel`;
  }, [found.data]);
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <p className="soft">Loading…</p>;
  return <Detail detail={found.data} />;
}

function Detail({ detail }: { detail: Schemas["CaseDetail"] }) {
  const { case: one, alerts, events } = detail;
  const queries = useQueryClient();
  const tell = useTell();
  const { me } = useSession();
  const nameOf = useNames();
  const mayWork = useMay("alerts:work");
  const mayApprove = useMay("alerts:approve");
  const [asking, setAsking] = useState<Noted | "close">();
  const [changed, setChanged] = useState<string>();
  const isOpen = one.status === "investigating" || one.status === "escalated";

  const take = async (step: CaseStep) => {
    setAsking(undefined);
    setChanged(undefined);
    try {
      await takeStep(one, step);
    } catch (error) {
      if (error instanceof Refusal && error.status === 409) setChanged(error.message);
      else tell.failed(error);
    }
    await queries.invalidateQueries({ queryKey: ["case", one.case_id] });
    void queries.invalidateQueries({ queryKey: ["cases"] });
  };
  const noted = (note: string) => {
    if (asking && asking !== "close") void take({ step: asking, note });
  };
  const ask = (what: Noted | "close", name: string, primary = false) => (
    <button
      type="button"
      className={primary ? "button primary" : "button"}
      onClick={() => setAsking(what)}
    >
      {name}
    </button>
  );
  const decides = one.status === "escalated" ? mayApprove && one.assignee !== me.subject : mayWork;
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <p className="tags">
            <span className={`chip ${one.status === "escalated" ? "high" : ""}`}>
              {words(one.status)}
            </span>
            {one.outcome && <span className="chip">{words(one.outcome)}</span>}
          </p>
          <h1>
            <bdi className="isolate">{one.title}</bdi>
          </h1>
          <p className="soft">
            <code>{one.case_id}</code> · opened by <PersonName subject={one.opened_by} />,{" "}
            <Time at={one.opened_at} />
          </p>
          {one.merged_into && (
            <p>
              It goes on in <Link href={casePath(one.merged_into)}>{one.merged_into}</Link>.
            </p>
          )}
        </div>
        <div className="work">
          {changed && (
            <p className="notice bad" role="alert">
              {changed}
            </p>
          )}
          <p className="soft">
            Assigned to {one.assignee ? <PersonName subject={one.assignee} /> : "nobody"}
          </p>
          <div className="buttons">
            {mayWork && isOpen && one.assignee !== me.subject && (
              <button
                type="button"
                className="button"
                onClick={() => void take({ step: "assign", to: me.subject })}
              >
                Make it mine
              </button>
            )}
            {mayWork && isOpen && (
              <AssignMenu
                onAssign={(to) => void take(to ? { step: "assign", to } : { step: "assign" })}
              />
            )}
            {mayWork && one.status !== "merged" && ask("note", "Note")}
            {mayWork && one.status === "investigating" && ask("escalate", "Escalate")}
            {decides && one.status === "escalated" && ask("return", "Hand back")}
            {decides && isOpen && ask("close", "Close", true)}
            {mayWork && one.status === "closed" && ask("reopen", "Reopen")}
          </div>
        </div>
      </header>
      <div className="columns">
        <Card title="Checklist">
          <Checklist one={one} editable={mayWork && isOpen} onStep={take} />
        </Card>
        <Card title="Alerts">
          <ul className="stack">
            {alerts.map((alert) => (
              <li key={alert.alert_id}>
                <SeverityChip severity={alert.severity} />{" "}
                <Link href={alertPath(alert.alert_id)}>
                  <bdi className="isolate">{headline(alert.explanation)}</bdi>
                </Link>
                <div className="soft">
                  <PartyName party={alert.payment.sender} linked /> to{" "}
                  <PartyName party={alert.payment.receiver} linked /> ·{" "}
                  <Amount amount={alert.payment.amount} currency={alert.payment.currency} />
                </div>
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Attachments and links">
          <ul className="stack">
            {one.attachments.map((file) => (
              <li key={`${file.sha256} ${file.reference}`}>
                <bdi className="isolate">{file.name}</bdi> ·{" "}
                <span className="soft isolate">{file.reference}</span>
                <div className="soft">
                  <code>{file.sha256.slice(0, 16)}…</code> <PersonName subject={file.by} />,{" "}
                  <Time at={file.at} />
                </div>
              </li>
            ))}
            {one.links.map((link) => (
              <li key={link}>
                <Link href={casePath(link)}>{link}</Link>
              </li>
            ))}
          </ul>
          {mayWork && isOpen && <AttachForm onAttach={(step) => void take(step)} />}
        </Card>
        <Card title="History">
          <ol className="stack history">
            {events.map((event) => (
              <li key={event.version}>
                <Time at={event.at} /> <PersonName subject={event.by} />{" "}
                <bdi className="isolate">{told(event, nameOf)}</bdi>
                {"note" in event && event.note && (
                  <p className="soft">
                    <bdi className="isolate">{event.note}</bdi>
                  </p>
                )}
              </li>
            ))}
          </ol>
        </Card>
      </div>
      <NoteDialog
        title={asking && asking !== "close" ? TITLES[asking] : ""}
        open={asking !== undefined && asking !== "close"}
        onClose={() => setAsking(undefined)}
        onNote={noted}
      />
      <CloseDialog
        open={asking === "close"}
        left={one.checklist.filter((item) => !item.done_by).length}
        onClose={() => setAsking(undefined)}
        onStep={(step) => void take(step)}
      />
    </article>
  );
}

interface ChecklistProps {
  one: Case;
  editable: boolean;
  onStep: (step: CaseStep) => Promise<void>;
}

function Checklist({ one, editable, onStep }: ChecklistProps) {
  const [findings, setFindings] = useState<Record<string, string>>({});
  // What was just ticked or unticked, until the service has answered.
  const [pending, setPending] = useState<{ code: string; done: boolean }>();
  const tick = async (code: string, done: boolean, known: string) => {
    setPending({ code, done });
    await onStep({ step: "check", item: code, done, finding: findings[code] ?? known });
    setPending(undefined);
  };
  return (
    <ul className="stack checklist">
      {one.checklist.map((item) => (
        <li key={item.code}>
          <label>
            <input
              type="checkbox"
              checked={pending?.code === item.code ? pending.done : Boolean(item.done_by)}
              disabled={!editable || pending !== undefined}
              onChange={(event) => void tick(item.code, event.target.checked, item.finding ?? "")}
            />{" "}
            {item.text}
          </label>
          {item.done_by ? (
            <p className="soft">
              {item.finding && (
                <>
                  <bdi className="isolate">{item.finding}</bdi> ·{" "}
                </>
              )}
              <PersonName subject={item.done_by} />
              {item.done_at && (
                <>
                  , <Time at={item.done_at} />
                </>
              )}
            </p>
          ) : (
            editable && (
              <input
                className="field"
                aria-label={`Finding: ${item.text}`}
                placeholder="What was found"
                maxLength={4000}
                value={findings[item.code] ?? ""}
                onChange={(event) => setFindings({ ...findings, [item.code]: event.target.value })}
              />
            )
          )}
        </li>
      ))}
    </ul>
  );
}
