// Who works here, and what they may do.

import { createContext, type ReactNode, useContext } from "react";
import type { Schemas } from "../api/client";
import type { DeskConfig } from "./config";
import type { SignIn } from "./signin";

export interface Session {
  config: DeskConfig;
  me: Schemas["Me"];
  /** None where there is no issuer. */
  signIn: SignIn | undefined;
}

const Context = createContext<Session | undefined>(undefined);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("The session is started before the page is drawn.");
  return session;
}

/** Whether the caller's token opens what needs this scope. */
export function useMay(scope: string): boolean {
  return useSession().me.scopes.includes(scope);
}
