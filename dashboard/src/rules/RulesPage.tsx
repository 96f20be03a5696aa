// What judges payments: the sets of rules and of reference data, what is in force, what a set in the
// shadow would change, and who may put it live.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { Schemas } from "../api/client";
import { words } from "../format/words";
import { PersonName } from "../session/people";
import { useMay, useSession } from "../session/session";
import { transactionPath } from "../shell/paths";
import { NoteDialog } from "../ui/NoteDialog";
import { Card, Failure, Time } from "../ui/parts";
import { useTell } from "../ui/toasts";
import { difference, excerpt, lines } from "./documents";
import {
  documentQuery,
  move,
  type Register,
  rollBack,
  type SetList,
  setsQuery,
  shadowQuery,
} from "./queries";

type Asking = { to: Schemas["SetState"]; version: string } | "rollback";

export default function RulesPage() {
  const [register, setRegister] = useState<Register>("rule-sets");
  const sets = useQuery(setsQuery(register));
  useEffect(() => {
    document.title = "Rules · FinCrime Sentinel";
  }, []);
  const tab = (of: Register, name: string) => (
    <button
      type="button"
      className="button"
      aria-pressed={register === of}
      onClick={() => setRegister(of)}
    >
      {name}
    </button>
  );
  return (
    <article className="page">
      <header className="page-head">
        <h1>Rules and reference data</h1>
        <fieldset className="tabs">
          <legend className="hidden">Register</legend>
          {tab("rule-sets", "Rules")}
          {tab("reference-sets", "Reference data")}
        </fieldset>
      </header>
      {sets.error && <Failure error={sets.error} retry={() => void sets.refetch()} />}
      {sets.data ? (
        <Sets key={register} register={register} list={sets.data} />
      ) : (
        !sets.error && <p className="soft">Loading…</p>
      )}
    </article>
  );
}

function Sets({ register, list }: { register: Register; list: SetList }) {
  const { head, sets, changes } = list;
  const scope = register === "rule-sets" ? "rules" : "reference";
  const mayWrite = useMay(`${scope}:write`);
  const mayApprove = useMay(`${scope}:approve`);
  const { me } = useSession();
  const [asking, setAsking] = useState<Asking>();
  const queries = useQueryClient();
  const tell = useTell();
  const act = async (note: string) => {
    const what = asking;
    setAsking(undefined);
    if (!what) return;
    try {
      if (what === "rollback") await rollBack(register, note);
      else await move(register, what.version, what.to, note);
      tell.done(
        what === "rollback" ? "Rolled back." : `It is ${words(what.to).toLowerCase()} now.`,
      );
    } catch (error) {
      tell.failed(error);
    }
    void queries.invalidateQueries({ queryKey: [register] });
  };
  const button = (version: string, to: Schemas["SetState"], name: string) => (
    <button type="button" className="button" onClick={() => setAsking({ to, version })}>
      {name}
    </button>
  );
  const actions = (set: Schemas["RegisteredSet"]) => (
    <span className="buttons">
      {mayWrite && set.state === "draft" && button(set.version, "shadow", "To the shadow")}
      {mayApprove &&
        (set.state === "shadow" || set.state === "draft") &&
        (set.author === me.subject ? (
          <span className="soft">A second person puts it live.</span>
        ) : (
          button(set.version, "live", "Put live")
        ))}
      {mayWrite &&
        (set.state === "draft" || set.state === "shadow") &&
        button(set.version, "retired", "Retire")}
    </span>
  );
  return (
    <>
      <div className="columns">
        <Card
          title="In force"
          aside={
            mayApprove &&
            head.previous && (
              <button type="button" className="button" onClick={() => setAsking("rollback")}>
                Roll back
              </button>
            )
          }
        >
          <dl className="versions">
            <div>
              <dt>Live</dt>
              <dd>
                {head.live === "embedded" ? (
                  "the deployment's own set"
                ) : (
                  <code className="isolate">{head.live}</code>
                )}
              </dd>
            </div>
            <div>
              <dt>In the shadow</dt>
              <dd>{head.shadow ? <code className="isolate">{head.shadow}</code> : "none"}</dd>
            </div>
          </dl>
        </Card>
        {head.shadow ? (
          <Shadow register={register} version={head.shadow} />
        ) : (
          <Card title="The shadow">
            <p className="soft">
              A set in the shadow judges every payment beside the live one and changes nothing.
              Draft one with <code>sentinel {scope === "rules" ? "rules" : "reference"} draft</code>
              .
            </p>
          </Card>
        )}
      </div>
      <Card title="Sets">
        <div className="scroll">
          <table className="plain sets">
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">State</th>
                <th scope="col">What it is</th>
                <th scope="col">By</th>
                <th scope="col">Changed</th>
                <th scope="col">
                  <span className="hidden">Steps</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sets.map((set) => (
                <tr key={set.version}>
                  <td>
                    <code className="isolate">{set.version}</code>
                  </td>
                  <td>
                    <span className={`chip ${set.state === "live" ? "good" : ""}`}>
                      {words(set.state)}
                    </span>
                  </td>
                  <td>
                    <bdi className="isolate">{set.description}</bdi>{" "}
                    <span className="soft">{set.entries} entries</span>
                    {head.live !== set.version && (
                      <Changes register={register} live={head.live} version={set.version} />
                    )}
                  </td>
                  <td>
                    <PersonName subject={set.author} />
                    {set.approver && (
                      <span className="soft">
                        , approved by <PersonName subject={set.approver} />
                      </span>
                    )}
                  </td>
                  <td>
                    <Time at={set.changed_at} />
                  </td>
                  <td>{actions(set)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {sets.length === 0 && (
          <p className="soft">None but the one that came with the deployment.</p>
        )}
      </Card>
      <Card title="Changes">
        {changes.length === 0 && <p className="soft">None.</p>}
        <ol className="stack history">
          {changes.map((change) => (
            <li key={`${change.at} ${change.version}`}>
              <Time at={change.at} /> <PersonName subject={change.by} />{" "}
              {change.rollback ? "rolled back to" : `moved to ${words(change.to).toLowerCase()}:`}{" "}
              <code className="isolate">{change.version}</code>
              {change.note && (
                <p className="soft">
                  <bdi className="isolate">{change.note}</bdi>
                </p>
              )}
            </li>
          ))}
        </ol>
      </Card>
      <NoteDialog
        title={asking === "rollback" ? "Roll back" : asking ? TITLES[asking.to] : ""}
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        onNote={(note) => void act(note)}
      />
    </>
  );
}

const TITLES: Record<Schemas["SetState"], string> = {
  draft: "",
  embedded: "",
  shadow: "To the shadow",
  live: "Put live",
  retired: "Retire",
};

function Shadow({ register, version }: { register: Register; version: string }) {
  const report = useQuery(shadowQuery(register, version));
  return (
    <Card title="What the shadow would change">
      {report.error && <Failure error={report.error} />}
      {report.data && (
        <>
          <p>
            {report.data.decided.toLocaleString()} payments compared: {report.data.gained} would
            alert anew, {report.data.lost} no longer.
          </p>
          <ul className="stack">
            {report.data.newest.slice(0, 10).map((one) => (
              <li key={one.msg_id}>
                <Link href={transactionPath(one.msg_id)} className="mono isolate">
                  {one.msg_id}
                </Link>{" "}
                <span className="soft">
                  {one.gained.length > 0 && `new: ${one.gained.map(words).join(", ")}`}
                  {one.lost.length > 0 && ` gone: ${one.lost.map(words).join(", ")}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

interface ChangesProps {
  register: Register;
  live: string;
  version: string;
}

/** What a set changes of the live one, on demand. */
function Changes({ register, live, version }: ChangesProps) {
  const [asked, setAsked] = useState(false);
  const own = useQuery({ ...documentQuery(register, version), enabled: asked });
  const other = useQuery({
    ...documentQuery(register, live),
    enabled: asked && live !== "embedded",
  });
  if (!asked) {
    return (
      <div>
        <button type="button" className="button quiet" onClick={() => setAsked(true)}>
          {live === "embedded" ? "Show it" : "Show what it changes"}
        </button>
      </div>
    );
  }
  const error = own.error ?? other.error;
  if (error) return <Failure error={error} />;
  if (!own.data || (live !== "embedded" && !other.data)) return <p className="soft">Loading…</p>;
  const shown = other.data
    ? excerpt(difference(lines(other.data), lines(own.data)))
    : lines(own.data).map((text) => ({ kind: "same" as const, text }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <pre className="said difference" tabIndex={0}>
      {shown.map((line, n) => (
        <span key={n} className={line?.kind ?? "gap"}>
          {line === null ? "…" : `${SIGNS[line.kind]} ${line.text}`}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

const SIGNS = { same: " ", added: "+", removed: "−" } as const;
