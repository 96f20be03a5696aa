// Signing in at any OIDC issuer: authorization code with PKCE. The access token lives in memory; the
// refresh token in this tab's session storage, so that a reload does not ask for the password again.

import * as oauth from "oauth4webapi";
import type { DeskConfig } from "./config";

const STORE = "desk.session";
const PENDING = "desk.signing-in";
/** A token is renewed this long before it ends. */
const EARLY_MS = 30_000;

interface Kept {
  refresh?: string;
  idToken?: string;
}

interface Pending {
  verifier: string;
  state: string;
  nonce: string;
  returnTo: string;
}

export class SignIn {
  readonly #config: DeskConfig;
  readonly #client: oauth.Client;
  #server: Promise<oauth.AuthorizationServer> | undefined;
  #access: { token: string; until: number } | undefined;
  #renewal: Promise<string | undefined> | undefined;

  constructor(config: DeskConfig) {
    this.#config = config;
    this.#client = { client_id: config.client_id };
  }

  /** Sends the browser to the issuer's sign-in page. */
  async begin(returnTo = window.location.pathname + window.location.search): Promise<void> {
    const server = await this.#discover();
    const pending: Pending = {
      verifier: oauth.generateRandomCodeVerifier(),
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      returnTo,
    };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    const url = new URL(need(server.authorization_endpoint));
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#config.client_id,
      redirect_uri: redirectUri(),
      scope: this.#config.scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
      state: pending.state,
      nonce: pending.nonce,
    }).toString();
    window.location.assign(url);
  }

  /** Exchanges the code that the issuer sent the browser back with; returns where to go on. */
  async finish(): Promise<string> {
    const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null") as Pending | null;
    sessionStorage.removeItem(PENDING);
    if (!pending) throw new Error("This sign-in was not begun here. Sign in again.");
    const server = await this.#discover();
    const callback = new URL(window.location.href);
    const parameters = oauth.validateAuthResponse(server, this.#client, callback, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      this.#client,
      oauth.None(),
      parameters,
      redirectUri(),
      pending.verifier,
      insecure(server),
    );
    const result = await oauth.processAuthorizationCodeResponse(server, this.#client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    this.#keep(result);
    return pending.returnTo;
  }

  /** A valid access token; none if nobody is signed in. */
  async token(): Promise<string | undefined> {
    if (this.#access && this.#access.until - EARLY_MS > Date.now()) return this.#access.token;
    // Of several requests at once, one renews: a refresh token works once.
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async end(): Promise<void> {
    const { idToken } = kept();
    this.forget();
    const server = await this.#discover();
    if (!server.end_session_endpoint) {
      window.location.assign("/");
      return;
    }
    const url = new URL(server.end_session_endpoint);
    url.searchParams.set("client_id", this.#config.client_id);
    url.searchParams.set("post_logout_redirect_uri", `${window.location.origin}/`);
    if (idToken) url.searchParams.set("id_token_hint", idToken);
    window.location.assign(url);
  }

  forget(): void {
    this.#access = undefined;
    sessionStorage.removeItem(STORE);
  }

  async #renew(): Promise<string | undefined> {
    const { refresh } = kept();
    if (!refresh) return undefined;
    const server = await this.#discover();
    try {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        oauth.None(),
        refresh,
        insecure(server),
      );
      this.#keep(await oauth.processRefreshTokenResponse(server, this.#client, response));
    } catch (error) {
      // The issuer no longer knows the session. A network that fails is another matter.
      if (error instanceof oauth.ResponseBodyError) this.forget();
      else throw error;
    }
    return this.#access?.token;
  }

  #keep(result: oauth.TokenEndpointResponse): void {
    this.#access = {
      token: result.access_token,
      until: Date.now() + (result.expires_in ?? 300) * 1000,
    };
    const before = kept();
    const next: Kept = {};
    const refresh = result.refresh_token ?? before.refresh;
    const idToken = result.id_token ?? before.idToken;
    if (refresh) next.refresh = refresh;
    if (idToken) next.idToken = idToken;
    sessionStorage.setItem(STORE, JSON.stringify(next));
  }

  #discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(need(this.#config.issuer ?? undefined));
    this.#server ??= oauth
      .discoveryRequest(issuer, { [oauth.allowInsecureRequests]: issuer.protocol === "http:" })
      .then((response) => oauth.processDiscoveryResponse(issuer, response))
      .catch((error) => {
        this.#server = undefined;
        throw error;
      });
    return this.#server;
  }
}

function insecure(server: oauth.AuthorizationServer) {
  // Only the development issuer, on this machine, is reached without TLS.
  return { [oauth.allowInsecureRequests]: server.issuer.startsWith("http:") };
}

function redirectUri(): string {
  return `${window.location.origin}/signed-in`;
}

function kept(): Kept {
  return JSON.parse(sessionStorage.getItem(STORE) ?? "{}") as Kept;
}

function need(value: string | undefined): string {
  if (!value) throw new Error("The issuer does not say where people sign in.");
  return value;
}
