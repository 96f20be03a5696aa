// What can be done with an alert now, by whoever looks at it.

import { useMemo, useState } from "react";
import { Link } from "wouter";
import { type Alert, Refusal } from "../api/client";
import { OpenCaseDialog } from "../cases/OpenCaseDialog";
import { suggestedTitle } from "../cases/title";
import { words } from "../format/words";
import { useApplied } from "../live/desk";
import { AssignMenu, PersonName } from "../session/people";
import { useMay, useSession } from "../session/session";
import { useKeys } from "../shell/keys";
import { casePath } from "../shell/paths";
import { NoteDialog } from "../ui/NoteDialog";
import { Time } from "../ui/parts";
import { useTell } from "../ui/toasts";
import { ConcludeDialog } from "./ConcludeDialog";
import { assign, type DispositionStep, dispose, REASONS } from "./work";

type Asking = "conclude" | "reject" | "reopen" | "case";

export function Actions({ alert }: { alert: Alert }) {
  const { me } = useSession();
  const mayWork = useMay("alerts:work");
  const mayApprove = useMay("alerts:approve");
  const [asking, setAsking] = useState<Asking>();
  const [changed, setChanged] = useState<string>();
  const tell = useTell();
  const applied = useApplied();

  const run = async (act: () => Promise<Pick<Alert, "status" | "version">>, done: string) => {
    setAsking(undefined);
    setChanged(undefined);
    try {
      applied(alert.alert_id, await act());
      tell.done(done);
    } catch (error) {
      if (error instanceof Refusal && error.status === 409) {
        // A colleague was faster: show what it is now, and let the person decide again.
        setChanged(error.message);
        applied(alert.alert_id, alert);
        return;
      }
      tell.failed(error);
    }
  };
  const step = (of: DispositionStep, done: string) => void run(() => dispose(alert, of), done);
  const mine = alert.assignee === me.subject;
  const makeMine = () => void run(() => assign(alert, me.subject), "It is yours.");
  useKeys(
    // biome-ignore lint/correctness/useExhaustiveDependencies: `makeMine` follows from these
    useMemo(
      () => ({
        e: () => mayWork && alert.status === "open" && setAsking("conclude"),
        a: () => mayWork && !mine && makeMine(),
      }),
      [mayWork, mine, alert],
    ),
  );

  const { disposition } = alert;
  const ownConclusion = disposition?.by === me.subject;
  return (
    <div className="work">
      {changed && (
        <p className="notice bad" role="alert">
          {changed}
        </p>
      )}
      {disposition && (
        <div className="notice">
          <strong>{words(disposition.conclusion)}</strong>
          {disposition.reason && ` · ${REASONS[disposition.reason]}`}
          {disposition.note && (
            <p>
              <bdi className="isolate">{disposition.note}</bdi>
            </p>
          )}
          <p className="soft">
            <PersonName subject={disposition.by} />, <Time at={disposition.at} />
            {disposition.approved_by && (
              <>
                {" "}
                · approved by <PersonName subject={disposition.approved_by} />
              </>
            )}
          </p>
        </div>
      )}
      <p className="soft">
        {alert.assignee ? (
          <>
            Assigned to <PersonName subject={alert.assignee} />
          </>
        ) : (
          "Assigned to nobody"
        )}
      </p>
      {alert.case_id && (
        <p>
          In the case <Link href={casePath(alert.case_id)}>{alert.case_id}</Link>
        </p>
      )}
      <div className="buttons">
        {mayWork && !mine && (
          <button type="button" className="button" onClick={makeMine}>
            Make it mine
          </button>
        )}
        {mayWork && (
          <AssignMenu onAssign={(to) => void run(() => assign(alert, to), "Assigned.")} />
        )}
        {mayWork && !alert.case_id && (
          <button type="button" className="button" onClick={() => setAsking("case")}>
            Open a case
          </button>
        )}
        {mayWork && alert.status === "open" && (
          <button type="button" className="button primary" onClick={() => setAsking("conclude")}>
            Conclude
          </button>
        )}
        {mayApprove && alert.status === "awaiting_approval" && !ownConclusion && (
          <>
            <button type="button" className="button" onClick={() => setAsking("reject")}>
              Send back
            </button>
            <button
              type="button"
              className="button primary"
              onClick={() => step({ step: "approve" }, "Approved.")}
            >
              Approve
            </button>
          </>
        )}
        {mayWork && alert.status === "awaiting_approval" && ownConclusion && (
          <span className="soft">A second person has to approve.</span>
        )}
        {mayWork && alert.status !== "open" && (
          <button type="button" className="button" onClick={() => setAsking("reopen")}>
            Reopen
          </button>
        )}
      </div>
      <ConcludeDialog
        count={asking === "conclude" ? 1 : 0}
        onClose={() => setAsking(undefined)}
        onConclude={(of) => step(of, "Concluded.")}
      />
      <OpenCaseDialog
        alerts={asking === "case" ? [alert.alert_id] : []}
        suggestion={suggestedTitle([alert])}
        onClose={() => setAsking(undefined)}
      />
      <NoteDialog
        title={asking === "reject" ? "Send it back" : "Reopen"}
        open={asking === "reject" || asking === "reopen"}
        onClose={() => setAsking(undefined)}
        onNote={(note) =>
          asking === "reject"
            ? step({ step: "reject", note }, "Sent back.")
            : step({ step: "reopen", note }, "It is open again.")
        }
      />
    </div>
  );
}
