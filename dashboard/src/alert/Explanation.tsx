// The explanation in plain language, on demand, with what it cost.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { microUsd } from "../format/money";
import { Failure } from "../ui/parts";

interface Props {
  id: string;
  known: Schemas["Explanation"] | undefined;
}

export function Explanation({ id, known }: Props) {
  const queries = useQueryClient();
  const request = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/alerts/{id}/explanation", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alert", id] }),
  });
  const explanation = request.data ?? known;
  if (!explanation) {
    return (
      <div className="explain">
        {request.error && <Failure error={request.error} />}
        <button
          type="button"
          className="button"
          disabled={request.isPending}
          onClick={() => request.mutate()}
        >
          {request.isPending ? "Explaining…" : "Explain in full"}
        </button>
      </div>
    );
  }
  const { llm } = explanation;
  return (
    <div className="explain">
      <h3>Explanation</h3>
      {explanation.sentences.map((sentence) => (
        <p key={sentence.text}>
          <bdi className="isolate">{sentence.text}</bdi>
          {sentence.source === "llm" && <span className="chip">LLM</span>}
        </p>
      ))}
      <p className="soft">
        {llm && !llm.unavailable
          ? `With the LLM ${llm.model}: ${llm.cached ? "from the cache, at no cost" : microUsd(llm.cost_micro_usd)}.`
          : "From the evidence alone, at no cost."}
      </p>
    </div>
  );
}
