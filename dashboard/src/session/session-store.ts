import { type ReadonlySignal, signal } from "@preact/signals";

import { type SessionDetail, getEvents, getSession } from "../core/api.ts";
import { isMembers, membersOf } from "../core/guards.ts";
import type { Live } from "../core/live.ts";
import type { Event } from "../core/wire.ts";
import { type FeedStore, createFeedStore } from "../feed/feed-store.ts";

export interface SessionStore {
  readonly detail: ReadonlySignal<SessionDetail | undefined>;
  readonly error: ReadonlySignal<unknown>;
  readonly isDeleted: ReadonlySignal<boolean>;
  /** The last events, in order, each once. */
  readonly feed: FeedStore;
  /** Where the state changed last: `/phase` for example. */
  readonly changed: ReadonlySignal<ReadonlySet<string>>;
  /** The newest offset that was seen. */
  readonly offset: ReadonlySignal<number>;
  /** Offsets between the history's start and the oldest row that was loaded. */
  readonly earlier: ReadonlySignal<number>;
  reload(): void;
  close(): void;
}

/** Events that are loaded when a session is opened. */
const loadedEvents = 5_000;
const refreshMs = 700;

/** One session: what is stored, then what happens; a hole in the offsets is fetched before anything after it. */
export function createSessionStore(sessionId: string, from: number, live: Live): SessionStore {
  const detail = signal<SessionDetail | undefined>(undefined);
  const error = signal<unknown>(undefined);
  const isDeleted = signal(false);
  const changed = signal<ReadonlySet<string>>(new Set());
  const offset = signal(0);
  const earlier = signal(0);
  const feed = createFeedStore();
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Fetching and showing happen one after another, so that nothing is shown out of order. */
  let work: Promise<void> = Promise.resolve();

  const fail = (failure: unknown) => {
    if (!isClosed) error.value = failure;
  };
  const inTurn = (task: () => Promise<void>) => {
    work = work.then(() => (isClosed ? undefined : task())).catch(fail);
  };

  function show(events: readonly Event[]): void {
    const next = events.filter((event) => event.offset > offset.value);
    const last = next.at(-1);
    if (last === undefined) return;
    offset.value = last.offset;
    const change = next.findLast(({ type }) => type === "state_updated");
    if (change !== undefined) changed.value = pathsOf(membersOf(change.data, "patch"));
    feed.add(next);
  }

  async function fetchAfter(after: number): Promise<void> {
    for (let cursor = after; ;) {
      const page = await getEvents(sessionId, cursor, 1_000);
      if (isClosed) return;
      show(page.events);
      if (!page.hasMore || page.next <= cursor) return;
      cursor = page.next;
    }
  }

  async function load(): Promise<void> {
    const found = await getSession(sessionId);
    if (isClosed) return;
    detail.value = found;
    error.value = undefined;
    if (offset.value === 0) {
      const latest = found.session.offset;
      const oldest = from > 0 ? Math.min(from - 1, latest - loadedEvents) : latest - loadedEvents;
      offset.value = Math.max(0, oldest);
      earlier.value = offset.value;
    }
    await fetchAfter(offset.value);
  }

  async function refresh(): Promise<void> {
    const found = await getSession(sessionId);
    if (!isClosed) detail.value = found;
  }

  function take(events: readonly Event[]): void {
    const mine = events.filter((event) => event.sessionId === sessionId);
    const [oldest] = mine;
    if (oldest === undefined) return;
    isDeleted.value = mine.at(-1)?.type === "session_deleted";
    if (isDeleted.value) return;
    inTurn(async () => {
      if (offset.value > 0 && oldest.offset > offset.value + 1) await fetchAfter(offset.value);
      else show(mine);
    });
    timer ??= setTimeout(() => {
      timer = undefined;
      inTurn(refresh);
    }, refreshMs);
  }

  inTurn(load);
  const ends = [live.listen({ events: take, reconnected: () => inTurn(load) })];

  return {
    detail,
    error,
    isDeleted,
    feed,
    changed,
    offset,
    earlier,
    reload() {
      error.value = undefined;
      inTurn(load);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const end of ends) end();
    },
  };
}

/** Of the members that a patch names, and of the objects around them. */
export function pathsOf(patch: unknown, path = ""): ReadonlySet<string> {
  if (!isMembers(patch) || Object.keys(patch).length === 0) return new Set(path ? [path] : []);
  const paths = new Set<string>();
  for (const [name, member] of Object.entries(patch))
    for (const inner of pathsOf(member, `${path}/${name}`)) paths.add(inner);
  return paths;
}
