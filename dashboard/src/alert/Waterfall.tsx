// The waterfall of a decision's risk, with the two lines that decide what becomes of it.

import type { Schemas } from "../api/client";
import { percent } from "../format/money";
import { type Bar, logit, waterfall } from "./waterfall";

const WIDTH = 320;

interface Props {
  evidence: Schemas["Evidence"];
  risk: number;
  words: (feature: string) => string;
}

export function Waterfall({ evidence, risk, words }: Props) {
  const bars = waterfall(evidence, risk, words);
  const lines = [evidence.lines.review, evidence.lines.alert].map(logit);
  const ends = [...bars.flatMap((bar) => [bar.from, bar.to]), ...lines];
  const low = Math.min(...ends) - 0.5;
  const high = Math.max(...ends) + 0.5;
  const x = (value: number) => ((value - low) / (high - low)) * WIDTH;
  return (
    <table className="plain waterfall">
      <caption className="hidden">How the risk came about</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Less or more suspicious</th>
          <th scope="col" className="number">
            Risk after it
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={`${bar.kind} ${bar.label}`} data-kind={bar.kind}>
            <th scope="row">{bar.label}</th>
            <td>
              <svg viewBox={`0 0 ${WIDTH} 16`} preserveAspectRatio="none" aria-hidden="true">
                {lines.map((line, n) => (
                  <line
                    key={n === 0 ? "review" : "alert"}
                    className={n === 0 ? "review" : "alert"}
                    x1={x(line)}
                    x2={x(line)}
                    y1={0}
                    y2={16}
                  />
                ))}
                <Shape bar={bar} x={x} />
              </svg>
            </td>
            <td className="number">{percent(probability(bar.to))}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={3} className="soft">
            Dashed lines: review from {percent(evidence.lines.review)}, alert from{" "}
            {percent(evidence.lines.alert)}. Distances are in log odds, which add up.
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

function Shape({ bar, x }: { bar: Bar; x: (value: number) => number }) {
  if (bar.from === bar.to) {
    return <rect className="total" x={x(bar.to) - 2} y={1} width={4} height={14} />;
  }
  const [left, right] = [x(Math.min(bar.from, bar.to)), x(Math.max(bar.from, bar.to))];
  const className = bar.to > bar.from ? "more" : "less";
  return (
    <rect className={className} x={left} y={3} width={Math.max(1, right - left)} height={10} />
  );
}

function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
