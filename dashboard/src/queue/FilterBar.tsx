// What of the queue is shown.

import { useMemo, useState } from "react";
import type { Alert } from "../api/client";
import { words } from "../format/words";
import { type Filter, SEVERITIES, typologies, type View } from "./view";

interface Props {
  alerts: readonly Alert[];
  view: View;
  onView: (view: View) => void;
}

export function FilterBar({ alerts, view, onView }: Props) {
  const { filter } = view;
  const [open, setOpen] = useState(false);
  const known = useMemo(() => typologies(alerts), [alerts]);
  const set = (changes: Partial<Filter>) => onView({ ...view, filter: { ...filter, ...changes } });
  const choice = <K extends "status" | "whose" | "severity" | "level" | "typology">(
    key: K,
    label: string,
    any: string,
    options: readonly (readonly [Filter[K], string])[],
  ) => (
    <select
      className="field"
      aria-label={label}
      value={filter[key]}
      onChange={(event) => set({ [key]: event.target.value } as Partial<Filter>)}
    >
      <option value="">{any}</option>
      {options.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
  return (
    <fieldset className="filters choices" data-open={open}>
      <legend className="hidden">Filters</legend>
      <input
        className="field text"
        type="search"
        aria-label="Filter by id, account or name"
        placeholder="Filter by id, account or name"
        value={filter.text}
        onChange={(event) => set({ text: event.target.value })}
      />
      <button
        type="button"
        className="button more"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Filters
      </button>
      {choice(
        "severity",
        "Severity",
        "Any severity",
        SEVERITIES.map((s) => [s, words(s)] as const),
      )}
      {choice(
        "typology",
        "Typology",
        "Any typology",
        known.map((t) => [t, words(t)] as const),
      )}
      {choice("level", "Level", "Any level", [
        ["rules", "Rules"],
        ["model", "Model"],
        ["llm", "LLM"],
      ])}
      {choice("whose", "Whose", "Anyone's", [
        ["me", "Mine"],
        ["nobody", "Nobody's"],
      ])}
      {choice("status", "Status", "Any status", [
        ["open", "Open"],
        ["awaiting_approval", "To approve"],
      ])}
      <input
        className="field amount"
        type="number"
        min={0}
        step={1000}
        aria-label="Least amount in US dollars"
        placeholder="From USD"
        value={filter.amount || ""}
        onChange={(event) => set({ amount: Number(event.target.value) || 0 })}
      />
      <label className="button">
        <input
          type="checkbox"
          checked={view.grouped}
          onChange={(event) => onView({ ...view, grouped: event.target.checked })}
        />
        By account
      </label>
    </fieldset>
  );
}
