// The live stream of alerts: a WebSocket opened with a single-use ticket, and opened again with a new
// one whenever it is lost: the network failed, the service restarted, the laptop slept.

import type { Alert, AlertWork } from "../api/client";

export type StreamMessage =
  | { type: "alert"; sequence: string; alert: Alert }
  | ({ type: "alert_changed"; alert_id: string; by: string } & AlertWork);

export type StreamState = "connecting" | "live" | "lost";

export interface StreamEvents {
  /** A connection is open; what happened since the last one has to be asked for. */
  connected: () => void;
  message: (message: StreamMessage) => void;
  state: (state: StreamState) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The gateway closes a connection that is idle for ten minutes. */
const PING_MS = 5 * 60_000;
const TICK_MS = 5_000;
/** A tick this late means that the machine slept, and that the connection is a dead one. */
const SLEPT_MS = 20_000;

export class Stream {
  readonly #url: () => Promise<string>;
  readonly #events: StreamEvents;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #stopped = false;

  /** `url` asks for a ticket and returns the address with it. */
  constructor(url: () => Promise<string>, events: StreamEvents) {
    this.#url = url;
    this.#events = events;
  }

  start(): void {
    let last = Date.now();
    let pinged = last;
    this.#ticker = setInterval(() => {
      const now = Date.now();
      if (now - last > SLEPT_MS) this.#again(0);
      if (now - pinged > PING_MS && this.#socket?.readyState === WebSocket.OPEN) {
        this.#socket.send("ping");
        pinged = now;
      }
      last = now;
    }, TICK_MS);
    window.addEventListener("online", this.#now);
    void this.#open();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    window.removeEventListener("online", this.#now);
    this.#drop();
  }

  #now = () => this.#again(0);

  async #open(): Promise<void> {
    if (this.#stopped) return;
    this.#drop();
    this.#events.state(this.#attempt === 0 ? "connecting" : "lost");
    let url: string;
    try {
      url = await this.#url();
    } catch {
      this.#again();
      return;
    }
    if (this.#stopped) return;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      this.#events.state("live");
      this.#events.connected();
    };
    socket.onmessage = ({ data }) => {
      const message = read(data);
      if (message) this.#events.message(message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#again();
    };
  }

  /** Opens again after a wait that grows with each failure. */
  #again(wait?: number): void {
    if (this.#stopped) return;
    this.#drop();
    this.#events.state("lost");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), wait ?? longest * (0.5 + Math.random() / 2));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

function read(data: unknown): StreamMessage | undefined {
  try {
    const message = JSON.parse(String(data)) as StreamMessage;
    return message.type === "alert" || message.type === "alert_changed" ? message : undefined;
  } catch {
    return undefined;
  }
}
