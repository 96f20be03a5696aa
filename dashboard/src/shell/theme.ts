// The theme: the system's, unless the person chose one.

export type Theme = "system" | "light" | "dark";
const STORE = "desk.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  const kept = localStorage.getItem(STORE);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function chooseTheme(choice: Theme): void {
  if (choice === "system") localStorage.removeItem(STORE);
  else localStorage.setItem(STORE, choice);
  apply();
}

function apply(): void {
  const choice = theme();
  const shown = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  document.documentElement.dataset["theme"] = shown;
}

export function startTheme(): void {
  apply();
  dark.addEventListener("change", apply);
}
