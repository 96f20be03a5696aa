// The frame of every page: where one can go, the search, the state of the stream, and who works here.

import { Dialog } from "@base-ui/react/dialog";
import { Menu } from "@base-ui/react/menu";
import { type FormEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api, type Schemas } from "../api/client";
import icon from "../icon.svg";
import { useDesk } from "../live/desk";
import { useSession } from "../session/session";
import { useTell } from "../ui/toasts";
import { useKeys } from "./keys";
import { accountPath, alertPath, transactionPath } from "./paths";
import { chooseTheme, type Theme, theme } from "./theme";

const PLACES = [
  { path: "/", name: "Alerts" },
  { path: "/reviews", name: "Reviews" },
  { path: "/cases", name: "Cases" },
  { path: "/rules", name: "Rules" },
] as const;

function isAt(location: string, path: string): boolean {
  return location === path || (path !== "/" && location.startsWith(`${path}/`));
}

const STREAM = { connecting: "Connecting", live: "Live", lost: "Offline" } as const;

export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const { state } = useDesk();
  const search = useRef<HTMLInputElement>(null);
  const [help, setHelp] = useState(false);
  useKeys(useMemo(() => ({ "/": () => search.current?.focus(), "?": () => setHelp(true) }), []));
  return (
    <div className="shell">
      <header className="bar">
        <a className="button skip" href="#content">
          To the content
        </a>
        <Link className="brand" href="/" aria-label="FinCrime Sentinel">
          <img src={icon} alt="" />
          <span>FinCrime Sentinel</span>
        </Link>
        <nav aria-label="Main">
          {PLACES.map(({ path, name }) => (
            <Link key={path} href={path} aria-current={isAt(location, path) ? "page" : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <Search field={search} />
        <span className="stream" role="status" data-state={state}>
          <span>{STREAM[state]}</span>
        </span>
        <UserMenu onHelp={() => setHelp(true)} />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Shortcuts open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function pathOf(hit: Schemas["SearchHit"]): string {
  switch (hit.kind) {
    case "alert":
      return alertPath(hit.alert_id);
    case "account":
      return accountPath(hit.account_id);
    case "transaction":
      return hit.alert_id ? alertPath(hit.alert_id) : transactionPath(hit.msg_id);
  }
}

function Search({ field }: { field: React.RefObject<HTMLInputElement | null> }) {
  const [, go] = useLocation();
  const tell = useTell();
  const find = async (event: FormEvent) => {
    event.preventDefault();
    const q = field.current?.value.trim() ?? "";
    if (!q) return;
    try {
      const { hits } = await answer(api.GET("/api/v1/search", { params: { query: { q } } }));
      const first = hits[0];
      if (!first) {
        tell.failed(new Error("Nothing has this id or account number."));
        return;
      }
      field.current?.blur();
      go(pathOf(first));
    } catch (error) {
      tell.failed(error);
    }
  };
  return (
    <form className="search" role="search" onSubmit={find}>
      <input
        ref={field}
        className="field"
        type="search"
        aria-label="Find a transaction, alert or account"
        placeholder="Find a transaction, alert or account ( / )"
      />
    </form>
  );
}

function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { me, signIn } = useSession();
  const [chosen, setChosen] = useState<Theme>(theme());
  const choose = (value: Theme) => {
    chooseTheme(value);
    setChosen(value);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className="button quiet user">{me.name ?? me.subject}</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            <Menu.Group>
              <Menu.GroupLabel className="label">Theme</Menu.GroupLabel>
              <Menu.RadioGroup value={chosen} onValueChange={choose}>
                {(["system", "light", "dark"] as const).map((value) => (
                  <Menu.RadioItem key={value} value={value}>
                    <span aria-hidden="true">{value === chosen ? "●" : "○"}</span>
                    {value === "system" ? "As the system" : value === "light" ? "Light" : "Dark"}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <Menu.Item onClick={onHelp}>Keyboard shortcuts</Menu.Item>
            <Menu.LinkItem href="/docs/">API documentation</Menu.LinkItem>
            {signIn && (
              <Menu.Item onClick={() => void signIn.begin()}>Sign in as somebody else</Menu.Item>
            )}
            {signIn && <Menu.Item onClick={() => void signIn.end()}>Sign out</Menu.Item>}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

const KEYS = [
  ["j  k", "Next and previous alert"],
  ["Enter", "Open the alert"],
  ["e", "Conclude"],
  ["a", "Make it mine"],
  ["x", "Select"],
  ["/", "Search"],
  ["Esc", "Close, or clear the selection"],
  ["?", "This list"],
] as const;

function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>Keyboard shortcuts</Dialog.Title>
          <dl className="shortcuts">
            {KEYS.map(([key, text]) => (
              <div key={key} style={{ display: "contents" }}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <div className="actions">
            <Dialog.Close className="button">Close</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
