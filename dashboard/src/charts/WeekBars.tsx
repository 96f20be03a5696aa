// Weeks of an account's payments beside its usual week.

import type { Schemas } from "../api/client";
import { about, short } from "../format/money";
import { utcDay } from "../format/time";

const WIDTH = 216;
const HEIGHT = 56;

interface Props {
  flow: Schemas["Flow"];
  currency: string;
  direction: "sent" | "received";
}

export function WeekBars({ flow, currency, direction }: Props) {
  const { weeks, usual_week: usual } = flow;
  const top = Math.max(1, usual?.amount ?? 0, ...weeks.map((week) => week.amount));
  const y = (amount: number) => HEIGHT - (amount / top) * (HEIGHT - 2);
  const step = WIDTH / weeks.length;
  const newest = weeks.at(-1);
  const compared = usual
    ? `usual week ${about(usual.amount, currency)}`
    : "too new for a usual week";
  const count = newest?.count === 1 ? "1 payment" : `${newest?.count ?? 0} payments`;
  return (
    <figure className={`weeks ${direction}`}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${direction} by week`}>
        {weeks.map((week, n) => (
          <rect
            key={week.from}
            className={n === weeks.length - 1 ? "now" : ""}
            x={n * step + 2}
            y={y(week.amount)}
            width={step - 4}
            height={HEIGHT - y(week.amount)}
          >
            <title>{`Week of ${utcDay(week.from)}: ${week.count} payments, ${about(week.amount, currency)}`}</title>
          </rect>
        ))}
        {usual && (
          <line x1={0} x2={WIDTH} y1={y(usual.amount)} y2={y(usual.amount)} className="usual" />
        )}
      </svg>
      <figcaption>
        <strong>{short(newest?.amount ?? 0)}</strong> {currency} {direction} in {count} in its
        newest week
        <span className="soft"> · {compared}</span>
      </figcaption>
    </figure>
  );
}
