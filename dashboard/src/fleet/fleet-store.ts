import { type ReadonlySignal, effect, signal } from "@preact/signals";

import { type SessionFilter, getFleet, listSessions } from "../core/api.ts";
import { apiKey } from "../core/key.ts";
import type { Live } from "../core/live.ts";
import type { Event, FleetSummary, Session } from "../core/wire.ts";

export interface FleetStore {
  /** By id; a new map whenever something changed. */
  readonly sessions: ReadonlySignal<ReadonlyMap<string, Session>>;
  readonly summary: ReadonlySignal<FleetSummary | null>;
  /** How many sessions match the filter, also those that are not loaded. */
  readonly total: ReadonlySignal<number>;
  readonly isLoading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<unknown>;
  setFilter(filter: SessionFilter): void;
  reload(): void;
  close(): void;
}

const pageSessions = 1_000;
/** Sessions that are kept here; the filters find the others. */
const maxSessions = 10_000;
/** What changed is asked for at most so often. */
const refreshMs = 1_000;
const rememberedDeletions = 1_000;
/** Also when nothing happens: free disk and the load change too. */
const idleRefreshMs = 15_000;

/** The list of sessions: loaded once, then only what is newest, as the live feed says that something happened. */
export function createFleetStore(live: Live): FleetStore {
  const sessions = signal<ReadonlyMap<string, Session>>(new Map());
  const summary = signal<FleetSummary | null>(null);
  const total = signal(0);
  const isLoading = signal(true);
  const error = signal<unknown>(undefined);
  let filter: SessionFilter = { q: "", userId: "", label: "" };
  /** Of the present loading; an answer to an older one is dropped. */
  let generation = 0;
  let changed = new Set<string>();
  /** When sessions were deleted, by id. */
  const deletions = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function merge(more: readonly Session[]): void {
    const next = new Map(sessions.value);
    for (const session of more) if (!isGone(session)) next.set(session.sessionId, session);
    sessions.value = next;
  }

  /** True of what a list still named that was asked for before the deletion. */
  function isGone({ sessionId, lastActivityAt }: Session): boolean {
    const deletedAt = deletions.get(sessionId);
    return deletedAt !== undefined && Date.parse(lastActivityAt) <= Date.parse(deletedAt);
  }

  async function load(mine: number): Promise<void> {
    const [page, fleet] = await Promise.all([listSessions(filter, pageSessions), getFleet()]);
    if (mine !== generation) return;
    sessions.value = new Map();
    merge(page.sessions);
    summary.value = fleet;
    total.value = page.total;
    error.value = undefined;
    isLoading.value = false;
    let cursor = page.nextCursor;
    while (cursor !== null && sessions.value.size < maxSessions) {
      const more = await listSessions(filter, pageSessions, cursor);
      if (mine !== generation) return;
      merge(more.sessions);
      cursor = more.nextCursor;
    }
  }

  function reload(): void {
    generation += 1;
    const mine = generation;
    isLoading.value = true;
    load(mine).catch((failure: unknown) => {
      if (mine !== generation) return;
      error.value = failure;
      isLoading.value = false;
    });
  }

  /** Sessions come newest activity first, so what changed is at the top of the list. */
  async function refresh(mine: number): Promise<void> {
    const count = changed.size;
    changed = new Set();
    const limit = Math.min(pageSessions, count + 20);
    const [page, fleet] = await Promise.all([
      count === 0 ? undefined : listSessions(filter, limit),
      getFleet(),
    ]);
    if (mine !== generation) return;
    summary.value = fleet;
    error.value = undefined;
    if (page === undefined) return;
    merge(page.sessions);
    total.value = page.total;
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const mine = generation;
      refresh(mine)
        // The list that is there stays; the live status tells that the service is away.
        .catch((failure: unknown) => {
          if (mine === generation && sessions.value.size === 0) error.value = failure;
        })
        .finally(() => schedule(changed.size > 0 ? refreshMs : idleRefreshMs));
    }, delayMs);
  }

  function soon(): void {
    if (changed.size > 1) return;
    clearTimeout(timer);
    timer = undefined;
    schedule(refreshMs / 2);
  }

  function take(events: readonly Event[]): void {
    const before = changed.size;
    const next = new Map(sessions.value);
    for (const { type, sessionId, timestamp } of events) {
      changed.add(sessionId);
      if (type === "session_deleted") deletions.set(sessionId, timestamp);
      // It is back: taken out of the trash, or created anew.
      else deletions.delete(sessionId);
    }
    for (const sessionId of deletions.keys()) next.delete(sessionId);
    if (next.size !== sessions.value.size) sessions.value = next;
    for (const sessionId of deletions.keys()) {
      if (deletions.size <= rememberedDeletions) break;
      deletions.delete(sessionId);
    }
    if (before === 0) soon();
  }

  const ends = [
    live.listen({ events: take, reconnected: reload }),
    // Another key may see other sessions.
    effect(() => {
      void apiKey.value;
      reload();
    }),
  ];
  schedule(idleRefreshMs);

  return {
    sessions,
    summary,
    total,
    isLoading,
    error,
    reload,
    setFilter(next) {
      if (JSON.stringify(next) === JSON.stringify(filter)) return;
      filter = next;
      reload();
    },
    close() {
      generation += 1;
      clearTimeout(timer);
      for (const end of ends) end();
    },
  };
}
