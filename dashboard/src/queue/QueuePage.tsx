// The queue: what waits for a person, live. Choosing a view and filtering happen in the page, over all
// alerts that it knows.

import { useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { ConcludeDialog } from "../alert/ConcludeDialog";
import { OpenCaseDialog } from "../cases/OpenCaseDialog";
import { suggestedTitle } from "../cases/title";
import { type QueueName, useDesk, useQueue } from "../live/desk";
import { AssignMenu } from "../session/people";
import { useMay, useSession } from "../session/session";
import { useKeys } from "../shell/keys";
import { alertPath } from "../shell/paths";
import { Empty, Failure } from "../ui/parts";
import { csv, save } from "./csv";
import { FilterBar } from "./FilterBar";
import { QueueTable } from "./QueueTable";
import { useTriage } from "./triage";
import { ViewList } from "./ViewList";
import { DEFAULT_VIEW, grouped, passes, type Sort, sorted, type View, type Viewer } from "./view";

/** How often ages are told anew. */
const MINUTE_MS = 60_000;

export function QueuePage({ queue }: { queue: QueueName }) {
  const desk = useDesk();
  const { alerts, complete, truncated } = useQueue(queue);
  const { me, config } = useSession();
  const [view, setView] = useState<View>(DEFAULT_VIEW);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (queue === "reviews") void desk.read("reviews");
  }, [desk.read, queue]);
  useEffect(() => {
    document.title = `${queue === "alerts" ? "Alerts" : "Reviews"} · FinCrime Sentinel`;
  }, [queue]);

  const viewer: Viewer = useMemo(
    () => ({ subject: me.subject, sla: config.sla_hours, now }),
    [me.subject, config.sla_hours, now],
  );
  const shown = useMemo(() => {
    const filtered = sorted(alerts.filter(passes(view.filter, viewer)), view.sort);
    return view.grouped ? grouped(filtered).flatMap((group) => group.alerts) : filtered;
  }, [alerts, view, viewer]);

  const triage = useTriage(shown);
  const [opening, setOpening] = useState(false);
  const chosen = shown.filter((alert) => triage.selected.has(alert.alert_id));
  const mayWork = useMay("alerts:work");
  const [, go] = useLocation();
  useKeys(
    useMemo(
      () => ({
        j: () => triage.move(1),
        k: () => triage.move(-1),
        x: () => triage.toggle(),
        a: () => mayWork && triage.assign(me.subject),
        e: () => mayWork && triage.conclude(),
        Enter: () => triage.current && go(alertPath(triage.current.alert_id)),
        Escape: () => triage.clear(),
      }),
      [triage, mayWork, me.subject, go],
    ),
  );
  const sort = (key: Sort["key"]) =>
    setView({
      ...view,
      sort: { key, descending: view.sort.key === key ? !view.sort.descending : true },
    });

  return (
    <div className="queue">
      <ViewList alerts={alerts} viewer={viewer} view={view} onView={setView} />
      <div>
        <h1 className="hidden">{queue === "alerts" ? "Alerts" : "Reviews"}</h1>
        <FilterBar alerts={alerts} view={view} onView={setView} />
        {desk.failure && <Failure error={desk.failure} retry={() => void desk.read(queue)} />}
        <section className="card list" aria-label="Queue">
          <QueueTable
            alerts={shown}
            grouped={view.grouped}
            sort={view.sort}
            onSort={sort}
            viewer={viewer}
            triage={triage}
            empty={
              complete ? (
                <Empty title={alerts.length === 0 ? "Nothing waits here." : "No alert fits."}>
                  {alerts.length > 0 && (
                    <button type="button" className="button" onClick={() => setView(DEFAULT_VIEW)}>
                      Show all
                    </button>
                  )}
                </Empty>
              ) : (
                <Empty title="Reading the queue…" />
              )
            }
          />
          <footer className="foot">
            <span role="status">
              {triage.selected.size > 0
                ? `${triage.selected.size} selected`
                : `${shown.length.toLocaleString()} of ${alerts.length.toLocaleString()}${truncated ? "+" : ""}`}
            </span>
            {triage.selected.size === 0 && shown.length > 0 && (
              <button
                type="button"
                className="button quiet"
                onClick={() => save(`${queue}.csv`, csv(shown))}
              >
                Export as CSV
              </button>
            )}
            {triage.selected.size > 0 && mayWork && (
              <span className="actions">
                <AssignMenu onAssign={triage.assign} />
                <button type="button" className="button" onClick={() => setOpening(true)}>
                  Open a case
                </button>
                <button type="button" className="button primary" onClick={triage.conclude}>
                  Conclude
                </button>
              </span>
            )}
          </footer>
        </section>
      </div>
      <OpenCaseDialog
        alerts={opening ? chosen.map((alert) => alert.alert_id) : []}
        suggestion={suggestedTitle(chosen)}
        onClose={() => setOpening(false)}
      />
      <ConcludeDialog
        count={triage.concluding.length}
        onClose={triage.cancel}
        onConclude={triage.dispose}
      />
    </div>
  );
}
