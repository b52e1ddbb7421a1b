import type { CommandLine } from "./command.ts";
import {
  createEntry,
  type Entry,
  isSent,
  placeOf,
  rewriteEntry,
  unsentBytes,
  unsentLines,
} from "./entry.ts";
import type { Place } from "./fate.ts";
import { bulkyBytes } from "./relief.ts";
import { findRelief } from "./room.ts";
import { createMemorySegment } from "./segment.ts";
import type { Spool } from "./spool.ts";

/** How much may wait, and in pieces of what size. */
export interface Bound {
  readonly maxBytes: number;
  readonly segmentBytes: number;
  /** Only what is in memory counts. */
  readonly memoryOnly: boolean;
}

/** The entries that wait, oldest first, the last of them open for appends. Every call may throw what the file system throws. */
export interface Backlog {
  /** @param spool null: in memory. @returns undefined when the bound leaves no room */
  append(line: CommandLine, spool: Spool | null, bound: Bound): Place | undefined;
  add(entries: readonly Entry[]): void;
  replace(old: Entry, by: Entry | undefined): void;
  /** The next append begins a new segment. */
  seal(): void;
  /** @param keptBytes an open segment up to this size stays open */
  removeSent(keptBytes: number): void;
  of(spool: Spool | null): Entry[];
  first(): Entry | undefined;
  last(): Entry | undefined;
  has(entry: Entry): boolean;
  size(): { records: number; bytes: number; memoryBytes: number };
  close(): void;
}

export interface BacklogOptions {
  /** What is on its way, which nothing may be taken from. */
  readonly inFlight: () => Entry | undefined;
  /** Queued records gave way to newer ones. */
  readonly onRelief: (shortened: number, dropped: number) => void;
}

export function createBacklog(options: BacklogOptions): Backlog {
  let entries: Entry[] = [];
  let open: Entry | undefined;

  const sum = (size: (entry: Entry) => number, of: Entry[] = entries) =>
    of.reduce((total, entry) => total + size(entry), 0);
  const of = (spool: Spool | null) => entries.filter((entry) => entry.spool === spool);

  const replace = (old: Entry, by: Entry | undefined) => {
    entries = entries.flatMap((entry) => (entry === old ? (by ?? []) : entry));
    if (open === old) open = undefined;
    old.segment.remove();
  };

  /** Shortens, then drops, what is oldest until there is room. @returns false when nothing is left to give */
  const makeRoom = (bytes: number, { maxBytes, segmentBytes, memoryOnly }: Bound): boolean => {
    const scope = () => (memoryOnly ? of(null) : entries);
    while (sum(unsentBytes, scope()) + bytes > maxBytes) {
      const found = findRelief(scope(), options.inFlight(), segmentBytes);
      if (!found) return false;
      const { victim, absorbed, relief, stripped } = found;
      replace(victim, rewriteEntry(victim, relief.lines, victim.spool, { stripped }));
      for (const { place } of relief.dropped)
        place.fate.settle(place.line, { outcome: "dropped", reason: "spool_full" });
      if (absorbed) replace(absorbed, undefined);
      options.onRelief(relief.shortened, relief.dropped.length);
    }
    return true;
  };

  const openFor = (spool: Spool | null, bytes: number, segmentBytes: number): Entry => {
    const fits = open?.spool === spool && open.segment.bytes + bytes <= segmentBytes;
    if (open && fits) return open;
    open = createEntry(spool ? spool.openSegment() : createMemorySegment(), spool);
    entries.push(open);
    return open;
  };

  return {
    of,
    replace,
    append(line, spool, bound) {
      if (!makeRoom(line.bytes, bound)) return undefined;
      const entry = openFor(spool, line.bytes, bound.segmentBytes);
      const number = entry.segment.lines;
      entry.segment.append(line.text);
      if (line.bytes > bulkyBytes) entry.bulky = true;
      return placeOf(entry, number);
    },
    add(more) {
      entries.push(...more);
      open = undefined;
    },
    seal() {
      open = undefined;
    },
    removeSent(keptBytes) {
      for (const entry of entries.filter(isSent))
        if (entry !== open || entry.segment.bytes > keptBytes) replace(entry, undefined);
    },
    first: () => entries.find((entry) => !isSent(entry)),
    last: () => entries.findLast((entry) => !isSent(entry)),
    has: (entry) => entries.includes(entry),
    size: () => ({
      records: sum(unsentLines),
      bytes: sum(unsentBytes),
      memoryBytes: sum(unsentBytes, of(null)),
    }),
    close() {
      for (const entry of entries) entry.segment.close();
      entries = [];
      open = undefined;
    },
  };
}
