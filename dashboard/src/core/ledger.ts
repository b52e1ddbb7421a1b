import type { Event } from "./wire.ts";

/** Keeps count of each session's offsets: they have no holes, so that one is an event that never came. */
export interface Ledger {
  /** @returns how many events are missing before this one; undefined when it was here already */
  take(event: Pick<Event, "type" | "sessionId" | "offset">): number | undefined;
  /** What comes next need not follow: the service has told what it leaves out. */
  forget(): void;
}

/** Sessions whose last offset is known; of one that was forgotten the next event is taken as it comes. */
const rememberedSessions = 10_000;

export function createLedger(): Ledger {
  const last = new Map<string, number>();

  return {
    take({ type, sessionId, offset }) {
      const before = last.get(sessionId);
      // Created again after its deletion it begins anew.
      const isFirst = before === undefined || type === "session_created";
      if (!isFirst && offset <= before) return undefined;
      // The most lately active stand at the end.
      last.delete(sessionId);
      if (type !== "session_deleted") last.set(sessionId, offset);
      const [oldest] = last.keys();
      if (last.size > rememberedSessions && oldest !== undefined) last.delete(oldest);
      return isFirst ? 0 : offset - before - 1;
    },
    forget: () => last.clear(),
  };
}
