// Views of the queue: those that everyone has, and those that a person saved in this browser.

import { DEFAULT_VIEW, type Filter, NO_FILTER, type View } from "./view";

export interface NamedView {
  name: string;
  view: View;
}

function built(name: string, filter: Partial<Filter>, sort = DEFAULT_VIEW.sort): NamedView {
  return { name, view: { filter: { ...NO_FILTER, ...filter }, sort, grouped: false } };
}

export const BUILT_IN: readonly NamedView[] = [
  built("All open", {}),
  built("Mine", { whose: "me" }),
  built("Nobody's", { whose: "nobody" }),
  built("To approve", { status: "awaiting_approval" }),
  built("Critical", { severity: "critical" }),
  built("Overdue", { overdue: true }, { key: "age", descending: true }),
];

const STORE = "desk.views";

export function savedViews(): NamedView[] {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "[]") as NamedView[];
    // What an older page has kept may lack a field.
    return kept.map(({ name, view }) => ({
      name,
      view: { ...DEFAULT_VIEW, ...view, filter: { ...NO_FILTER, ...view.filter } },
    }));
  } catch {
    return [];
  }
}

export function saveViews(views: readonly NamedView[]): void {
  localStorage.setItem(STORE, JSON.stringify(views));
}

export function isSame(a: View, b: View): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
