import { getEvents } from "../core/api.ts";
import type { Event } from "../core/wire.ts";

/** Events of one session: a part of what is stored, then what happens, in order and each once. */
export interface FollowedHistory {
  /** The newest offset that was looked at, also of events of other types. */
  offset(): number;
  /** From so far back, up to now; again after a reconnection. */
  load(after: number): Promise<void>;
  /** What the live feed brought of this session; a hole before it is fetched first. */
  take(events: readonly Event[]): Promise<void>;
  close(): void;
}

const pageEvents = 1_000;

export interface FollowedHistoryDependencies {
  sessionId: string;
  /** What is asked for; the live feed brings the others too. */
  types: readonly string[];
  add(events: readonly Event[]): void;
}

export function createFollowedHistory(dependencies: FollowedHistoryDependencies): FollowedHistory {
  const { sessionId, types, add } = dependencies;
  let offset = 0;
  let isClosed = false;

  function show(events: readonly Event[]): void {
    const next = events.filter((event) => event.offset > offset);
    const last = next.at(-1);
    if (last === undefined) return;
    offset = last.offset;
    add(next);
  }

  async function fetchAfter(after: number): Promise<void> {
    for (let cursor = after; ;) {
      const page = await getEvents(sessionId, cursor, pageEvents, types);
      if (isClosed) return;
      show(page.events);
      offset = Math.max(offset, page.next);
      if (!page.hasMore || page.next <= cursor) return;
      cursor = page.next;
    }
  }

  return {
    offset: () => offset,
    async load(after) {
      if (offset === 0) offset = Math.max(0, after);
      await fetchAfter(offset);
    },
    async take(events) {
      const [oldest] = events;
      if (oldest === undefined) return;
      if (oldest.offset > offset + 1) await fetchAfter(offset);
      else show(events);
    },
    close: () => {
      isClosed = true;
    },
  };
}
