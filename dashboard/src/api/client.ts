// The API's client, generated from its OpenAPI document: what the document does not have does not
// compile.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Alert = Schemas["AlertSummary"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertWork = Schemas["AlertWork"];
export type Payment = Schemas["ListedPayment"];
export type Party = Schemas["AlertParty"];

/** A refusal, as the API words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(status: number, detail: string, requestId?: string) {
    super(detail);
    this.status = status;
    this.requestId = requestId;
  }
}

type TokenSource = () => Promise<string | undefined>;
let token: TokenSource = async () => undefined;

/** Sets where requests get their token from. */
export function setTokenSource(source: TokenSource): void {
  token = source;
}

const client = createClient<paths>({ baseUrl: "/" });
client.use({
  async onRequest({ request }) {
    const bearer = await token();
    if (bearer) request.headers.set("authorization", `Bearer ${bearer}`);
    return request;
  },
});

export const api = client;

/** Waits for an answer; throws a `Refusal` if it is none. */
export async function answer<T>(
  pending: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  let settled: { data?: T; error?: unknown; response: Response };
  try {
    settled = await pending;
  } catch {
    throw new Refusal(0, "The service cannot be reached.");
  }
  const { data, error, response } = settled;
  if (response.ok && data !== undefined) return data;
  const problem = (error ?? {}) as { detail?: string; title?: string; request_id?: string };
  const detail = problem.detail || problem.title || `The service answered ${response.status}.`;
  throw new Refusal(response.status, detail, problem.request_id);
}
