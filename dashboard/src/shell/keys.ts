// Keys that work wherever nobody is typing.

import { useEffect } from "react";

/** Whether keys belong to what has the focus. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog], [role=menu]")) return true;
  const kind = target.tagName;
  if (kind === "INPUT")
    return !["checkbox", "radio", "button"].includes((target as HTMLInputElement).type);
  return kind === "TEXTAREA" || kind === "SELECT" || target.isContentEditable;
}

/** Calls what belongs to a pressed key, such as `j` or `?`. */
export function useKeys(keys: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) return;
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [keys]);
}
