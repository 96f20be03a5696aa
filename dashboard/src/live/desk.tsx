// The page's live state: the two queues, kept current by the stream, and the state of the connection.

import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { type Alert, answer, api } from "../api/client";
import { AlertStore, MOST, type QueueSnapshot } from "../queue/store";
import { streamUrl } from "../session/config";
import { useSession } from "../session/session";
import { Stream, type StreamState } from "./stream";

export type QueueName = "alerts" | "reviews";

interface Desk {
  alerts: AlertStore;
  reviews: AlertStore;
  state: StreamState;
  /** Why the queue could not be read, if so. */
  failure: Error | undefined;
  /** Reads a queue from its first page on. */
  read: (queue: QueueName) => Promise<void>;
}

const Context = createContext<Desk | undefined>(undefined);

/** The first page is small, so that the queue is on the screen at once. */
const FIRST_PAGE = 100;
const PAGE = 1_000;

async function page(queue: QueueName, query: { cursor?: string; after?: string; limit: number }) {
  return answer(api.GET("/api/v1/alerts", { params: { query: { queue, ...query } } }));
}

async function readAll(queue: QueueName, store: AlertStore): Promise<void> {
  const reading = store.begin();
  let read = 0;
  let cursor: string | undefined;
  do {
    const limit = read === 0 ? FIRST_PAGE : PAGE;
    const next = await page(queue, cursor ? { cursor, limit } : { limit });
    reading.add(next.alerts);
    read += next.alerts.length;
    cursor = next.cursor ?? undefined;
  } while (cursor && read < MOST);
  reading.finish();
}

/** Adds the alerts that came since the newest known one. */
async function fillGap(store: AlertStore): Promise<void> {
  let after = store.newest();
  while (after) {
    const next = await page("alerts", { after, limit: PAGE });
    store.add(next.alerts);
    after = next.cursor ?? undefined;
  }
}

export function DeskProvider({ children }: { children: ReactNode }) {
  const { config } = useSession();
  const queries = useQueryClient();
  const stores = useMemo(() => ({ alerts: new AlertStore(), reviews: new AlertStore() }), []);
  const [state, setState] = useState<StreamState>("connecting");
  const [failure, setFailure] = useState<Error>();

  const read = useMemo(() => {
    const pending: Partial<Record<QueueName, Promise<void>>> = {};
    return (queue: QueueName) => {
      pending[queue] ??= readAll(queue, stores[queue])
        .then(() => setFailure(undefined))
        .catch((error: Error) => setFailure(error))
        .finally(() => {
          delete pending[queue];
        });
      return pending[queue];
    };
  }, [stores]);

  useEffect(() => {
    const url = async () => {
      const { ticket } = await answer(api.POST("/api/v1/stream-tickets"));
      return streamUrl(config, ticket);
    };
    let connections = 0;
    const stream = new Stream(url, {
      state: setState,
      connected: () => {
        connections += 1;
        if (connections === 1) return;
        // New alerts first; then everything again, since steps may have been missed, too.
        void fillGap(stores.alerts)
          .catch(() => undefined)
          .then(() => read("alerts"));
        void queries.invalidateQueries();
      },
      message: (message) => {
        if (message.type === "alert") {
          stores.alerts.add([message.alert]);
          return;
        }
        const { type: _type, alert_id, by: _by, ...work } = message;
        stores.alerts.change(alert_id, work);
        stores.reviews.change(alert_id, work);
        void queries.invalidateQueries({ queryKey: ["alert", alert_id] });
      },
    });
    stream.start();
    void read("alerts");
    return () => stream.stop();
  }, [config, queries, read, stores]);

  const desk = useMemo(() => ({ ...stores, state, failure, read }), [stores, state, failure, read]);
  return <Context.Provider value={desk}>{children}</Context.Provider>;
}

export function useDesk(): Desk {
  const desk = useContext(Context);
  if (!desk) throw new Error("The desk is set up around every page.");
  return desk;
}

export function useQueue(queue: QueueName): QueueSnapshot {
  const store = useDesk()[queue];
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** Applies the answer to a step at once, before the stream tells of it. */
export function useApplied(): (id: string, work: Pick<Alert, "status" | "version">) => void {
  const desk = useDesk();
  const queries = useQueryClient();
  return (id, work) => {
    desk.alerts.change(id, work);
    desk.reviews.change(id, work);
    void queries.invalidateQueries({ queryKey: ["alert", id] });
  };
}
