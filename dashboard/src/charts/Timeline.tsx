// The timeline, drawn on a canvas. The table of the same payments is its text.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./timeline.css";
import type { Payment } from "../api/client";
import { short } from "../format/money";
import { dayMonth } from "../format/time";
import { decades, timeline } from "./timeline";

const HEIGHT = 180;

interface Props {
  payments: readonly Payment[];
  currency: string;
  marked?: string;
}

export default function Timeline({ payments, currency, marked }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const { times, received, sent, marked: own } = timeline(payments, marked);
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const series = (label: string, token: string, size: number): uPlot.Series => ({
      label,
      stroke: colour(token),
      paths: () => null,
      points: { show: true, size, fill: colour(token) },
    });
    const axis: uPlot.Axis = {
      stroke: colour("--ink-soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        // Small and large amounts are both to be seen, on both sides of zero.
        scales: { y: { distr: 4, asinh: 100 } },
        series: [
          {},
          series("received", "--received", 6),
          series("sent", "--sent", 6),
          series("this payment", "--ink", 10),
        ],
        axes: [
          { ...axis, values: (_, all) => all.map((at) => dayMonth(at * 1000)) },
          {
            ...axis,
            size: 64,
            splits: (_, __, least, most) => decades(least, most),
            filter: (_, all) => all,
            values: (_, all) => all.map((n) => short(Math.abs(n))),
          },
        ],
        legend: { show: false },
        cursor: { show: false },
      },
      [times, received, sent, own],
      element,
    );
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [payments, marked]);
  return (
    <figure className="timeline">
      <div
        ref={holder}
        role="img"
        aria-label={`Amounts of ${payments.length} payments over time, received above the line, sent below`}
      />
      <figcaption className="soft">
        <span className="received">● received</span> above the line,{" "}
        <span className="sent">● sent</span> below
        {marked && ", ⬤ this payment"}; about, in {currency}
      </figcaption>
    </figure>
  );
}
