import { type ReadonlySignal, signal } from "@preact/signals";

import { type SessionDetail, getSession } from "../core/api.ts";
import { feedTypes, transcriptTypes } from "../core/event-types.ts";
import { isMembers, membersOf } from "../core/guards.ts";
import type { Live } from "../core/live.ts";
import type { Event } from "../core/wire.ts";
import { type FeedStore, createFeedStore } from "../feed/feed-store.ts";
import { type FollowedHistory, createFollowedHistory } from "./followed-history.ts";

export interface SessionStore {
  readonly detail: ReadonlySignal<SessionDetail | undefined>;
  readonly error: ReadonlySignal<unknown>;
  readonly isDeleted: ReadonlySignal<boolean>;
  /** The last events, in order, each once. */
  readonly feed: FeedStore;
  /** The lines of its transcripts, loaded when first asked for. */
  transcriptFeed(): FeedStore;
  /** Where the state changed last: `/phase` for example. */
  readonly changed: ReadonlySignal<ReadonlySet<string>>;
  /** The newest offset that was seen. */
  readonly offset: ReadonlySignal<number>;
  /** So many events before the first one in the feed are not loaded. */
  readonly earlier: ReadonlySignal<number>;
  reload(): void;
  close(): void;
}

/** Offsets that are loaded when a session is opened. */
const loadedOffsets = 5_000;
const keptLines = 20_000;
const refreshMs = 700;

/** One session: what is stored, then what happens. */
export function createSessionStore(sessionId: string, from: number, live: Live): SessionStore {
  const detail = signal<SessionDetail | undefined>(undefined);
  const error = signal<unknown>(undefined);
  const isDeleted = signal(false);
  const changed = signal<ReadonlySet<string>>(new Set());
  const offset = signal(0);
  const earlier = signal(0);
  const feed = createFeedStore();
  const rows = createFollowedHistory({
    sessionId,
    types: feedTypes,
    add(events) {
      const change = events.findLast(({ type }) => type === "state_updated");
      if (change !== undefined) changed.value = pathsOf(membersOf(change.data, "patch"));
      feed.add(events.filter(({ type }) => !transcriptTypes.includes(type)));
    },
  });
  let transcript: { feed: FeedStore; lines: FollowedHistory } | undefined;
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

  function loadPart(part: FollowedHistory): Promise<void> {
    if (offset.peek() === 0) {
      const oldest = (detail.peek()?.session.offset ?? 0) - loadedOffsets;
      earlier.value = Math.max(0, from > 0 ? Math.min(from - 1, oldest) : oldest);
    }
    return part.load(earlier.peek());
  }

  function openTranscript() {
    const opened = createFeedStore({ isOfTranscripts: true, maxRows: keptLines });
    const lines = createFollowedHistory({
      sessionId,
      types: transcriptTypes,
      add: (events) => opened.add(events.filter(({ type }) => transcriptTypes.includes(type))),
    });
    inTurn(() => loadPart(lines));
    return { feed: opened, lines };
  }

  async function load(): Promise<void> {
    await refresh();
    error.value = undefined;
    await loadPart(rows);
    offset.value = rows.offset();
    if (transcript) await loadPart(transcript.lines);
  }

  async function refresh(): Promise<void> {
    const found = await getSession(sessionId);
    if (!isClosed) detail.value = found;
  }

  function take(events: readonly Event[]): void {
    const mine = events.filter((event) => event.sessionId === sessionId);
    if (mine.length === 0) return;
    isDeleted.value = mine.at(-1)?.type === "session_deleted";
    if (isDeleted.value) return;
    inTurn(async () => {
      // Until it was loaded nothing can be missing before what came.
      if (detail.peek() === undefined) return;
      await rows.take(mine);
      offset.value = rows.offset();
      await transcript?.lines.take(mine);
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
    transcriptFeed() {
      transcript ??= openTranscript();
      return transcript.feed;
    },
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
      rows.close();
      transcript?.lines.close();
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
