// The views of the queue, each with the number of alerts in it.

import { useMemo, useState } from "react";
import type { Alert } from "../api/client";
import { passes, type View, type Viewer } from "./view";
import { BUILT_IN, isSame, type NamedView, savedViews, saveViews } from "./views";

interface Props {
  alerts: readonly Alert[];
  viewer: Viewer;
  view: View;
  onView: (view: View) => void;
}

export function ViewList({ alerts, viewer, view, onView }: Props) {
  const [own, setOwn] = useState<NamedView[]>(savedViews);
  const counts = useMemo(() => {
    const count = ({ view: { filter } }: NamedView) => {
      const test = passes(filter, viewer);
      return alerts.reduce((sum, alert) => sum + (test(alert) ? 1 : 0), 0);
    };
    return new Map([...BUILT_IN, ...own].map((named) => [named.name, count(named)]));
  }, [alerts, viewer, own]);
  const keep = (views: NamedView[]) => {
    setOwn(views);
    saveViews(views);
  };
  const save = () => {
    const name = window.prompt("Name of the view")?.trim();
    if (!name || BUILT_IN.some((known) => known.name === name)) return;
    keep([...own.filter((known) => known.name !== name), { name, view }]);
  };
  const button = (named: NamedView) => (
    <button
      type="button"
      aria-pressed={isSame(named.view, view)}
      onClick={() => onView(named.view)}
    >
      <span>{named.name}</span>
      <span className="soft">{counts.get(named.name)?.toLocaleString()}</span>
    </button>
  );
  const isNew = ![...BUILT_IN, ...own].some((known) => isSame(known.view, view));
  return (
    <nav className="views" aria-label="Views">
      <h2>Views</h2>
      {BUILT_IN.map((named) => (
        <div key={named.name}>{button(named)}</div>
      ))}
      {own.length > 0 && <h2>Yours</h2>}
      {own.map((named) => (
        <div key={named.name} className="own">
          {button(named)}
          <button
            type="button"
            className="remove"
            aria-label={`Remove the view ${named.name}`}
            onClick={() => keep(own.filter((known) => known !== named))}
          >
            ×
          </button>
        </div>
      ))}
      {isNew && (
        <button type="button" className="soft" onClick={save}>
          Save this view…
        </button>
      )}
    </nav>
  );
}
