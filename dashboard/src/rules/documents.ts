// What differs between two documents, line by line.

import { diffArrays } from "diff";

export interface Line {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Lines of a JSON document in one spelling, so that only its content differs. */
export function lines(document: string): string[] {
  try {
    return JSON.stringify(JSON.parse(document), null, 2).split("\n");
  } catch {
    return document.split("\n");
  }
}

/** The edit from one list of lines to another. */
export function difference(before: readonly string[], after: readonly string[]): Line[] {
  return diffArrays([...before], [...after]).flatMap(({ added, removed, value }) =>
    value.map((text) => ({ kind: added ? "added" : removed ? "removed" : "same", text })),
  );
}

/** The changed lines with a few around them; `null` stands for lines left out. */
export function excerpt(all: readonly Line[], around = 3): (Line | null)[] {
  const near = all.map((_, n) =>
    all.slice(Math.max(0, n - around), n + around + 1).some((line) => line.kind !== "same"),
  );
  const shown: (Line | null)[] = [];
  all.forEach((line, n) => {
    if (near[n]) shown.push(line);
    else if (n === 0 || near[n - 1]) shown.push(null);
  });
  return shown;
}
