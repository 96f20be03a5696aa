// Composes the page: where it runs, who works here, and then the desk.

import "./styles/base.css";
import "./ui/ui.css";
import "./shell/shell.css";
import "./queue/queue.css";
import "./alert/alert.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { answer, api, Refusal, setTokenSource } from "./api/client";
import { DeskProvider } from "./live/desk";
import { readConfig } from "./session/config";
import { type Session, SessionProvider } from "./session/session";
import { SignIn } from "./session/signin";
import { startTheme } from "./shell/theme";
import { Failure } from "./ui/parts";
import { Toasts } from "./ui/toasts";

startTheme();
const root = createRoot(document.getElementById("desk") as HTMLElement);

/** Returns the session, or nothing if the browser is on its way to the issuer. */
async function start(): Promise<Session | undefined> {
  const config = await readConfig();
  const signIn = config.issuer ? new SignIn(config) : undefined;
  if (signIn) {
    setTokenSource(() => signIn.token());
    if (window.location.pathname === "/signed-in") {
      const returnTo = await signIn.finish();
      window.history.replaceState(null, "", returnTo);
    }
    if (config.sign_in === "required" && !(await signIn.token())) {
      await signIn.begin();
      return undefined;
    }
  }
  try {
    const me = await answer(api.GET("/api/v1/me"));
    return { config, me, signIn };
  } catch (error) {
    if (signIn && error instanceof Refusal && error.status === 401) {
      signIn.forget();
      await signIn.begin();
      return undefined;
    }
    throw error;
  }
}

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What is refused stays refused; a failure of the network or service may pass.
      retry: (count, error) =>
        count < 2 && (!(error instanceof Refusal) || error.status === 0 || error.status >= 500),
    },
  },
});

start()
  .then((session) => {
    if (!session) return;
    root.render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <SessionProvider session={session}>
            <Toasts>
              <DeskProvider>
                <App />
              </DeskProvider>
            </Toasts>
          </SessionProvider>
        </QueryClientProvider>
      </StrictMode>,
    );
  })
  .catch((error: Error) => {
    root.render(
      <main>
        <Failure error={error} retry={() => window.location.assign("/")} />
      </main>,
    );
  });
