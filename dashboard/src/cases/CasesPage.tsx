// The cases: those that people work on, and those that have ended.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { words } from "../format/words";
import { PersonName } from "../session/people";
import { casePath } from "../shell/paths";
import { Empty, Failure, Time } from "../ui/parts";

type Shown = "open" | "mine" | "ended";
const TABS: readonly (readonly [Shown, string])[] = [
  ["open", "Open"],
  ["mine", "Mine"],
  ["ended", "Ended"],
];

export default function CasesPage() {
  const [shown, setShown] = useState<Shown>("open");
  useEffect(() => {
    document.title = "Cases · FinCrime Sentinel";
  }, []);
  const cases = useInfiniteQuery({
    queryKey: ["cases", shown],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/cases", {
          params: {
            query: {
              ...(shown === "ended" && { ended: true }),
              ...(shown === "mine" && { assignee: "me" }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor ?? undefined,
  });
  const listed = cases.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <article className="page">
      <header className="page-head">
        <h1>Cases</h1>
        <fieldset className="tabs">
          <legend className="hidden">Which cases</legend>
          {TABS.map(([value, name]) => (
            <button
              key={value}
              type="button"
              className="button"
              aria-pressed={shown === value}
              onClick={() => setShown(value)}
            >
              {name}
            </button>
          ))}
        </fieldset>
      </header>
      {cases.error && <Failure error={cases.error} retry={() => void cases.refetch()} />}
      <section className="card scroll" aria-label="Cases">
        {cases.isPending && <Empty title="Reading cases…" />}
        {cases.isSuccess && listed.length === 0 && (
          <Empty title="No cases here.">
            <p>Open one from an alert, or from several in the queue.</p>
          </Empty>
        )}
        {listed.length > 0 && (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Case</th>
                <th scope="col">Status</th>
                <th scope="col">Whose</th>
                <th scope="col" className="number">
                  Alerts
                </th>
                <th scope="col">Checklist</th>
                <th scope="col">Opened</th>
              </tr>
            </thead>
            <tbody>
              {listed.map((one) => (
                <tr key={one.case_id}>
                  <td>
                    <Link href={casePath(one.case_id)}>
                      <bdi className="isolate">{one.title}</bdi>
                    </Link>
                  </td>
                  <td>
                    <span className={`chip ${one.status === "escalated" ? "high" : ""}`}>
                      {words(one.status)}
                    </span>
                  </td>
                  <td>{one.assignee ? <PersonName subject={one.assignee} /> : "—"}</td>
                  <td className="number">{one.alerts.length}</td>
                  <td>
                    {one.checklist.filter((item) => item.done_by).length} of {one.checklist.length}
                  </td>
                  <td>
                    <Time at={one.opened_at} dateOnly />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {cases.hasNextPage && (
        <p>
          <button type="button" className="button" onClick={() => void cases.fetchNextPage()}>
            Older cases
          </button>
        </p>
      )}
    </article>
  );
}
