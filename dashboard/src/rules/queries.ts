// Rule sets and reference sets: what is in force, who changed it, and the steps of their life.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";

export type Register = "rule-sets" | "reference-sets";

export interface SetList {
  head: Schemas["Head"];
  sets: readonly Schemas["RegisteredSet"][];
  changes: readonly Schemas["SetChange"][];
}

export function setsQuery(register: Register) {
  return queryOptions({
    queryKey: [register],
    queryFn: async (): Promise<SetList> => {
      if (register === "rule-sets") {
        const { head, rule_sets, changes } = await answer(api.GET("/api/v1/rule-sets"));
        return { head, sets: rule_sets, changes };
      }
      const { head, reference_sets, changes } = await answer(api.GET("/api/v1/reference-sets"));
      return { head, sets: reference_sets, changes };
    },
  });
}

export function shadowQuery(register: Register, version: string) {
  const path = { params: { path: { version } } };
  return queryOptions({
    queryKey: [register, version, "shadow"],
    queryFn: () =>
      register === "rule-sets"
        ? answer(api.GET("/api/v1/rule-sets/{version}/shadow", path))
        : answer(api.GET("/api/v1/reference-sets/{version}/shadow", path)),
  });
}

export function documentQuery(register: Register, version: string) {
  const path = { params: { path: { version } } };
  return queryOptions({
    queryKey: [register, version, "document"],
    queryFn: async () => {
      const found =
        register === "rule-sets"
          ? await answer(api.GET("/api/v1/rule-sets/{version}", path))
          : await answer(api.GET("/api/v1/reference-sets/{version}", path));
      return found.document;
    },
  });
}

export async function move(
  register: Register,
  version: string,
  to: Schemas["SetState"],
  note: string,
) {
  const path = { params: { path: { version } }, body: { to, note } };
  return register === "rule-sets"
    ? answer(api.POST("/api/v1/rule-sets/{version}/transitions", path))
    : answer(api.POST("/api/v1/reference-sets/{version}/transitions", path));
}

export async function rollBack(register: Register, note: string) {
  const body = { body: { note } };
  return register === "rule-sets"
    ? answer(api.POST("/api/v1/rule-sets/rollback", body))
    : answer(api.POST("/api/v1/reference-sets/rollback", body));
}
