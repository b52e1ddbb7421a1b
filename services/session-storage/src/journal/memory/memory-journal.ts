import { ServiceError } from "../../domain/errors.ts";
import type { SessionEvent } from "../../domain/event.ts";
import type { Journal, JournalEntry, Position } from "../journal.ts";
import { createSubscribers } from "../subscribers.ts";

/** Volatile: durable means only "in memory". For tests of what stands on the journal. */
export function createMemoryJournal(): Journal {
  const subscribers = createSubscribers();
  const entries: JournalEntry[] = [];
  let bytes = 0;
  let position: Position = 0;
  let isClosing = false;
  /** Ends when everything appended so far is applied; a turn later than the append, as on a disk. */
  let lastAppend = Promise.resolve();

  async function apply(events: readonly SessionEvent[]): Promise<Position> {
    const applied = events.map((event, index) => ({ position: position + index + 1, event }));
    position += events.length;
    entries.push(...applied);
    for (const event of events) bytes += event.json.length;
    if (applied.length > 0) subscribers.applied(applied);
    return position;
  }

  async function* readUpTo(after: Position, upTo: Position) {
    let next = after + 1;
    while (next <= upTo) {
      const first = entries[0]?.position ?? position + 1;
      next = Math.max(next, first);
      const entry = entries[next - first];
      if (entry === undefined || entry.position > upTo) return;
      yield entry;
      next += 1;
    }
  }

  return {
    async append(events) {
      if (isClosing) throw new ServiceError("draining", "the journal is closing");
      const appended = lastAppend.then(() => apply(events));
      lastAppend = appended.then(() => undefined);
      return appended;
    },
    read: (after) => readUpTo(after, position),
    subscribe: subscribers.subscribe,
    async trim(upTo) {
      const kept = entries.findIndex((entry) => entry.position > upTo);
      const gone = entries.splice(0, kept === -1 ? entries.length : kept);
      for (const { event } of gone) bytes -= event.json.length;
    },
    status: () => ({
      condition: "ok",
      position,
      earliest: entries[0]?.position ?? position + 1,
      bytes,
      lost: [],
    }),
    async close() {
      isClosing = true;
      await lastAppend;
    },
  };
}
