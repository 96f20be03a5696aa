// Triage: which alert has the cursor, which are selected, and what is done with them. What was done can
// be undone: an assignment is set back, a conclusion is taken back as a step of its own.

import { useCallback, useMemo, useState } from "react";
import { assign, type DispositionStep, dispose, each, type Subject } from "../alert/work";
import type { Alert } from "../api/client";
import { useApplied } from "../live/desk";
import { useSession } from "../session/session";
import { useTell } from "../ui/toasts";

export interface Triage {
  current: Alert | undefined;
  selected: ReadonlySet<string>;
  /** The alerts that the dialog asks a conclusion for. */
  concluding: readonly Alert[];
  move: (by: number) => void;
  focus: (id: string) => void;
  toggle: (id?: string) => void;
  toggleAll: () => void;
  clear: () => void;
  assign: (to: string | undefined) => void;
  conclude: () => void;
  cancel: () => void;
  dispose: (step: DispositionStep) => void;
}

export function useTriage(shown: readonly Alert[]): Triage {
  const [cursor, setCursor] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [concluding, setConcluding] = useState<readonly Alert[]>([]);
  const { me } = useSession();
  const tell = useTell();
  const applied = useApplied();

  const at = shown.findIndex((alert) => alert.alert_id === cursor);
  const current = shown[at];
  const chosen = useCallback(
    () =>
      selected.size > 0 ? shown.filter((a) => selected.has(a.alert_id)) : current ? [current] : [],
    [selected, shown, current],
  );

  /** Takes steps on alerts and tells how many; `undo` takes them back on what they led to. */
  const act = useCallback(
    async (
      alerts: readonly Alert[],
      step: (alert: Subject) => Promise<{ status: Alert["status"]; version: number }>,
      done: string,
      undo: (
        alert: Subject,
        before: Alert,
      ) => Promise<{ status: Alert["status"]; version: number }>,
    ) => {
      const results = await each(alerts, step);
      const undoable: { after: Subject; before: Alert }[] = [];
      let failure: unknown;
      results.forEach((result, n) => {
        const before = alerts[n] as Alert;
        if (result.status === "rejected") {
          failure = result.reason;
          return;
        }
        applied(before.alert_id, result.value);
        undoable.push({
          after: { alert_id: before.alert_id, version: result.value.version },
          before,
        });
      });
      if (undoable.length > 0) {
        tell.done(
          `${undoable.length === 1 ? "1 alert" : `${undoable.length} alerts`} ${done}.`,
          () => {
            void each(undoable, async ({ after, before }) => {
              applied(before.alert_id, await undo(after, before));
            }).then((undone) => {
              const failed = undone.find((result) => result.status === "rejected");
              if (failed) tell.failed(failed.reason);
            });
          },
        );
      }
      if (failure) tell.failed(failure);
    },
    [applied, tell],
  );

  return useMemo(() => {
    const clear = () => setSelected(new Set());
    return {
      current,
      selected,
      concluding,
      clear,
      move: (by) => {
        const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
        setCursor((at < 0 ? shown[0] : next)?.alert_id);
      },
      focus: setCursor,
      toggle: (id = cursor) => {
        if (!id) return;
        setCursor(id);
        const next = new Set(selected);
        if (!next.delete(id)) next.add(id);
        setSelected(next);
      },
      toggleAll: () =>
        selected.size > 0 ? clear() : setSelected(new Set(shown.map((alert) => alert.alert_id))),
      assign: (to) => {
        const alerts = chosen().filter((alert) => (alert.assignee ?? undefined) !== to);
        clear();
        const verb = alerts.length === 1 ? "is" : "are";
        void act(
          alerts,
          (alert) => assign(alert, to),
          to === me.subject ? `${verb} yours` : "assigned",
          (alert, before) => assign(alert, before.assignee ?? undefined),
        );
      },
      conclude: () => setConcluding(chosen().filter((alert) => alert.status === "open")),
      cancel: () => setConcluding([]),
      dispose: (step) => {
        const alerts = concluding;
        setConcluding([]);
        clear();
        // The cursor stays where the work goes on.
        const gone = new Set(alerts.map((alert) => alert.alert_id));
        const next = shown.slice(Math.max(0, at)).find((alert) => !gone.has(alert.alert_id));
        setCursor(next?.alert_id);
        void act(
          alerts,
          (alert) => dispose(alert, step),
          "concluded",
          (alert) => dispose(alert, { step: "reopen", note: "Undone by the same person." }),
        );
      },
    };
  }, [act, at, chosen, concluding, current, cursor, me.subject, selected, shown]);
}
