import { type Signal, signal } from "@preact/signals";

import { serviceNow } from "./clock.ts";
import { isMembers, numberOf, textOf, timeOf } from "./guards.ts";
import { createLedger } from "./ledger.ts";
import { type Event, asEvent } from "./wire.ts";

export type LiveStatus =
  | { readonly state: "connecting" }
  | { readonly state: "catching_up" }
  | { readonly state: "live" }
  /** `retryAt` by the page's clock. */
  | { readonly state: "lost"; readonly retryAt: number };

export interface LiveListener {
  /** In the journal's order, each once. @param isPast from before the page was opened */
  events?(events: readonly Event[], isPast: boolean): void;
  /** So many that belong here will never come. */
  missing?(count: number): void;
  /** Connected again and everything in between is here. @param lost events that are not, @param missed the ones that came late */
  reconnected?(lost: number, missed: number): void;
}

export interface Live {
  readonly status: Signal<LiveStatus>;
  /** Of the service that is connected; changes when another version takes over. */
  readonly version: Signal<string | null>;
  /** @returns what ends it */
  listen(listener: LiveListener): () => void;
  /** Connects now instead of at `retryAt`, or anew with another key. */
  connect(): void;
  close(): void;
}

export interface LiveDependencies {
  url(after: number): string;
  /** The position after which the first connection begins. */
  start(): Promise<number>;
  key(): string | null;
  /** What the service's clock says, ms since 1970; undefined when it did not tell. */
  serviceTime(ms: number | undefined): void;
  /** The service wants a key, or another one. */
  refused(): void;
}

/** What came within this time is shown at once: drawing costs more than reading. */
const flushMs = 100;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/** The page's one WebSocket: all sessions, from a cursor, without a hole and without a repetition. */
export function createLive(dependencies: LiveDependencies): Live {
  const { url, start, key, serviceTime, refused } = dependencies;
  const status = signal<LiveStatus>({ state: "connecting" });
  const version = signal<string | null>(null);
  const listeners = new Set<LiveListener>();
  const ledger = createLedger();
  let cursor: number | undefined;
  let socket: WebSocket | undefined;
  let failures = 0;
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let flush: ReturnType<typeof setTimeout> | undefined;
  let queue: Event[] = [];
  let isClosed = false;
  let hasCaughtUp = false;
  /** Of the present reconnection; undefined on the first connection. */
  let missed: { events: number; lost: number } | undefined;

  const tell = (call: (listener: LiveListener) => void) => {
    for (const listener of listeners) call(listener);
  };

  function deliver(): void {
    clearTimeout(flush);
    flush = undefined;
    if (queue.length === 0) return;
    const events = queue;
    queue = [];
    tell((listener) => listener.events?.(events, !hasCaughtUp));
  }

  function miss(count: number): void {
    if (missed) missed.lost += count;
    deliver();
    tell((listener) => listener.missing?.(count));
  }

  function take(event: Event): void {
    if (cursor !== undefined && event.position <= cursor) return;
    cursor = event.position;
    const skipped = ledger.take(event);
    if (skipped === undefined) return;
    if (skipped > 0) miss(skipped);
    if (missed) missed.events += 1;
    queue.push(event);
    flush ??= setTimeout(deliver, flushMs);
  }

  function control(type: string, frame: unknown, from: WebSocket): void {
    switch (type) {
      case "connected":
        version.value = textOf(frame, "version") ?? null;
        serviceTime(timeOf(frame, "timestamp"));
        if (isMembers(frame) && frame["authenticated"] === true) break;
        if (key() === null) refused();
        else from.send(JSON.stringify({ type: "auth", token: key() }));
        break;
      case "caught_up":
        cursor = numberOf(frame, "cursor") ?? cursor;
        deliver();
        failures = 0;
        hasCaughtUp = true;
        status.value = { state: "live" };
        if (missed) {
          const { lost, events } = missed;
          tell((listener) => listener.reconnected?.(lost, events));
        }
        missed = undefined;
        break;
      case "gap": {
        const [from, to] = [numberOf(frame, "from") ?? 0, numberOf(frame, "to") ?? 0];
        // The journal begins anew: what was seen of the other one says nothing about this one.
        if (textOf(frame, "reason") === "unknown_cursor") cursor = from - 1;
        else cursor = Math.max(cursor ?? 0, to);
        ledger.forget();
        // The page looks back as far as it can: that there is no more of it is no loss.
        if (hasCaughtUp) miss(to - from + 1);
        break;
      }
      case "error":
        if (textOf(frame, "code") === "unauthorized") refused();
        break;
    }
  }

  function hear(text: string, from: WebSocket): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      // Not a service that this page knows: the next connection may be to another one.
      from.close();
      return;
    }
    for (const frame of Array.isArray(message) ? (message as unknown[]) : [message]) {
      const event = asEvent(frame);
      const type = textOf(frame, "type");
      if (event !== undefined) take(event);
      else if (type !== undefined) control(type, frame, from);
    }
  }

  function lose(): void {
    socket = undefined;
    if (isClosed) return;
    deliver();
    missed ??= { events: 0, lost: 0 };
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
    failures += 1;
    const delayMs = longest * (0.5 + Math.random() / 2);
    status.value = { state: "lost", retryAt: serviceNow() + delayMs };
    clearTimeout(retry);
    retry = setTimeout(connect, delayMs);
  }

  function open(after: number): void {
    if (isClosed) return;
    const opened = new WebSocket(url(after));
    socket = opened;
    opened.onopen = () => {
      if (opened === socket) status.value = { state: "catching_up" };
    };
    opened.onmessage = ({ data }) => {
      if (opened === socket) hear(String(data), opened);
    };
    opened.onclose = () => {
      if (opened === socket) lose();
    };
  }

  function connect(): void {
    clearTimeout(retry);
    const before = socket;
    socket = undefined;
    before?.close();
    if (status.value.state !== "lost") status.value = { state: "connecting" };
    if (cursor !== undefined) return open(cursor);
    attempt += 1;
    const mine = attempt;
    start().then(
      (position) => {
        if (mine !== attempt) return;
        cursor ??= position;
        open(cursor);
      },
      () => {
        if (mine === attempt) lose();
      },
    );
  }

  return {
    status,
    version,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect,
    close() {
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(flush);
      socket?.close();
    },
  };
}
