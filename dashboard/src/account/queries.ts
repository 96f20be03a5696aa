// Reads of accounts and their payments, shared by the views that show them.

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";

export function accountQuery(accountId: string) {
  return queryOptions({
    queryKey: ["account", accountId],
    queryFn: () =>
      answer(api.GET("/api/v1/accounts", { params: { query: { account_id: accountId } } })),
  });
}

/** Payments of an account up to a moment, newest first. */
export function paymentsQuery(accountId: string, limit: number, before?: string) {
  const query = { account_id: accountId, limit, ...(before && { before }) };
  return queryOptions({
    queryKey: ["payments", accountId, limit, before ?? ""],
    queryFn: () => answer(api.GET("/api/v1/payments", { params: { query } })),
  });
}
