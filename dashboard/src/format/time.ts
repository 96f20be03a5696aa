// Times in the analyst's own zone; UTC is told on hover.

const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const shortDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export function local(time: string): string {
  return dateTime.format(new Date(time));
}

export function localDate(time: string): string {
  return date.format(new Date(time));
}

/** A calendar day in UTC, such as the beginning of a week. */
export function utcDay(day: string): string {
  return shortDate.format(new Date(`${day}T12:00:00Z`));
}

/** A moment as day and month, for axes. */
export function dayMonth(at: number): string {
  return shortDate.format(at);
}

export function utc(time: string): string {
  return `${new Date(time).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A span in its two largest units, such as `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < MINUTE) return "now";
  const days = Math.floor(ms / DAY);
  const hours = Math.floor((ms % DAY) / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  if (days > 9) return `${days} d`;
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return `${minutes} min`;
}
