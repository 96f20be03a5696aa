// What the page is told where it runs: who signs people in, and where the stream is.

export interface DeskConfig {
  /** The OIDC issuer; none if everyone is the developer. */
  issuer: string | null;
  client_id: string;
  scope: string;
  /** Whether the API refuses requests without a token. */
  sign_in: "required" | "optional";
  /** URL of the WebSocket; relative to the page's own origin if it begins with a slash. */
  websocket: string;
  /** Hours after which an open alert of a severity is overdue. */
  sla_hours: Record<"low" | "medium" | "high" | "critical", number>;
}

const DEFAULTS: DeskConfig = {
  issuer: null,
  client_id: "desk",
  scope: "openid profile",
  sign_in: "optional",
  websocket: "/ws",
  sla_hours: { critical: 24, high: 72, medium: 168, low: 336 },
};

export async function readConfig(): Promise<DeskConfig> {
  const response = await fetch("/desk.json", { cache: "no-cache" });
  if (!response.ok) return DEFAULTS;
  return { ...DEFAULTS, ...((await response.json()) as Partial<DeskConfig>) };
}

export function streamUrl(config: DeskConfig, ticket: string): string {
  const url = new URL(config.websocket, window.location.origin);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return url.href;
}
