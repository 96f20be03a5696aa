// Every rule with what it saw, on demand: those that fired, then those that came nearest.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { words } from "../format/words";
import { Card, Failure } from "../ui/parts";

export function Rules({ msgId }: { msgId: string }) {
  const [asked, setAsked] = useState(false);
  const rules = useQuery({
    queryKey: ["rules", msgId],
    enabled: asked,
    queryFn: () =>
      answer(
        api.GET("/api/v1/transactions", { params: { query: { msg_id: msgId, rules: "all" } } }),
      ),
  });
  const traces = rules.data && "rules" in rules.data ? (rules.data.rules ?? []) : [];
  return (
    <Card
      title="Rules"
      aside={
        !asked && (
          <button type="button" className="button" onClick={() => setAsked(true)}>
            Show every rule with its values
          </button>
        )
      }
    >
      {!asked && <p className="soft">Each rule with the values it saw and its thresholds.</p>}
      {rules.error && <Failure error={rules.error} />}
      {asked && rules.isPending && <p className="soft">Loading…</p>}
      {traces.length > 0 && (
        <ul className="rules">
          {ordered(traces).map((trace) => (
            <li key={trace.id}>
              <Rule trace={trace} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Fired rules first, then by how many conditions failed. */
function ordered(traces: readonly Schemas["RuleTrace"][]): Schemas["RuleTrace"][] {
  const failed = (trace: Schemas["RuleTrace"]) =>
    trace.fired ? -1 : trace.conditions.filter((condition) => !condition.holds).length;
  return [...traces].sort((a, b) => failed(a) - failed(b));
}

function Rule({ trace }: { trace: Schemas["RuleTrace"] }) {
  return (
    <details open={trace.fired}>
      <summary>
        <span className={`chip ${trace.fired ? "high" : ""}`}>
          {trace.fired ? "fired" : "quiet"}
        </span>{" "}
        {words(trace.id)}{" "}
        <span className="soft">{trace.points > 0 && `${trace.points} points`}</span>
      </summary>
      {trace.text && (
        <p>
          <bdi className="isolate">{trace.text}</bdi>
        </p>
      )}
      {trace.why_not && <p className="soft">{trace.why_not.text}</p>}
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">What it looks at</th>
            <th scope="col" className="number">
              Value
            </th>
            <th scope="col" className="number">
              Threshold
            </th>
            <th scope="col">Holds</th>
          </tr>
        </thead>
        <tbody>
          {trace.conditions.map((condition) => (
            <tr key={condition.expression}>
              <td title={condition.expression}>{condition.words}</td>
              <td className="number">{shown(condition.value)}</td>
              <td className="number">
                {condition.operator} {shown(condition.threshold)}
              </td>
              <td>{condition.holds ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return NUMBER.format(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.map(shown).join(", ") : String(value);
}
