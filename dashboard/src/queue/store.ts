// The alerts of a queue as the page knows them: read page by page, changed by what the stream tells.
// Components read a snapshot; a change makes a new one, at most once a frame.

import type { Alert, AlertWork } from "../api/client";

export interface QueueSnapshot {
  alerts: readonly Alert[];
  /** Whether all pages have been read. */
  complete: boolean;
  /** Whether there are more alerts than are kept. */
  truncated: boolean;
}

/** Most alerts kept; the rest is found by filters of the API or by search. */
export const MOST = 20_000;

export class AlertStore {
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<() => void>();
  #snapshot: QueueSnapshot = { alerts: [], complete: false, truncated: false };
  #complete = false;
  #truncated = false;
  #scheduled = false;
  readonly #schedule: (publish: () => void) => void;

  constructor(schedule: (publish: () => void) => void = (publish) => setTimeout(publish, 16)) {
    this.#schedule = schedule;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): QueueSnapshot => this.#snapshot;

  /** The newest sequence known, after which a gap is filled. */
  newest(): string | undefined {
    let newest: string | undefined;
    for (const alert of this.#alerts.values()) {
      if (newest === undefined || alert.sequence > newest) newest = alert.sequence;
    }
    return newest;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** Adds alerts that were listed or pushed; an older version of a known one changes nothing. */
  add(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const known = this.#alerts.get(alert.alert_id);
      if (known && known.version > alert.version) continue;
      if (known && known.version === alert.version && known.hits > alert.hits) continue;
      if (!known && this.#alerts.size >= MOST) {
        this.#truncated = true;
        continue;
      }
      this.#alerts.set(alert.alert_id, alert);
    }
    this.#publish();
  }

  /** Applies a step that somebody took, unless a newer one is known. */
  change(id: string, work: AlertWork): void {
    const known = this.#alerts.get(id);
    if (!known || known.version >= work.version) return;
    const { assignee: _assignee, disposition: _disposition, ...rest } = known;
    this.#alerts.set(id, { ...rest, ...work });
    this.#publish();
  }

  /** Begins a reading of all pages; `finish` forgets what was in none of them. */
  begin(): { add: (alerts: readonly Alert[]) => void; finish: () => void } {
    const before = new Set(this.#alerts.keys());
    return {
      add: (alerts) => {
        for (const alert of alerts) before.delete(alert.alert_id);
        this.add(alerts);
      },
      finish: () => {
        // What was known before and is listed no longer was closed meanwhile.
        for (const id of before) this.#alerts.delete(id);
        this.#complete = true;
        this.#publish();
      },
    };
  }

  #publish(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#snapshot = {
        alerts: [...this.#alerts.values()],
        complete: this.#complete,
        truncated: this.#truncated,
      };
      for (const listener of this.#listeners) listener();
    });
  }
}
