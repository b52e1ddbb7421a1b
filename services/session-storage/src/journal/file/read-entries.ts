import { findLine, readLines } from "../../files/read-lines.ts";
import type { JournalEntry, Position } from "../journal.ts";
import { readEntry } from "./journal-line.ts";
import type { PositionRange } from "./segment-scan.ts";
import type { Segment } from "./segments.ts";
import { visitLine } from "./whole-lines.ts";

export interface EntryReader {
  /** Entries after `after` up to `upTo`, oldest first. Damaged lines are left out and reported. */
  read(after: Position, upTo: Position): AsyncGenerator<JournalEntry, void, undefined>;
  /** The first position that a reader under way still needs; Infinity when there is none. */
  needed(): Position;
}

export function createEntryReader(
  segments: readonly Segment[],
  reportLost: (range: PositionRange) => void,
): EntryReader {
  const readers = new Set<{ segment: Segment }>();

  async function* readSegment(segment: Segment, after: Position, upTo: Position) {
    const isFromStart = after < segment.first;
    const from = isFromStart ? 0 : await findLine(segment.path, positionOf, after);
    for await (const lines of readLines(segment.path, { from })) {
      const entries: JournalEntry[] = [];
      let isAtEnd = false;
      for (const line of lines)
        visitLine(line, {
          damaged() {},
          whole(bytes, head) {
            isAtEnd ||= head.position > upTo;
            if (isAtEnd || head.isWatermark || head.position <= after) return;
            entries.push(readEntry(bytes.toString("utf8")));
            isAtEnd = head.position === upTo;
          },
        });
      yield entries;
      if (isAtEnd) return;
    }
  }

  return {
    needed: () => Math.min(...Array.from(readers, ({ segment }) => segment.first)),
    async *read(after, upTo) {
      let last = Math.max(after, (segments[0]?.first ?? 1) - 1);
      if (last >= upTo) return;
      const containing = segments.findLastIndex(({ first }) => first <= last + 1);
      const wanted = segments.slice(Math.max(0, containing)).filter(({ first }) => first <= upTo);
      const [first] = wanted;
      if (first === undefined) return;
      const reader = { segment: first };
      readers.add(reader);
      try {
        for (const segment of wanted) {
          reader.segment = segment;
          for await (const entries of readSegment(segment, last, upTo))
            for (const entry of entries) {
              if (entry.position > last + 1) reportLost({ from: last + 1, to: entry.position - 1 });
              last = entry.position;
              yield entry;
            }
        }
        if (last < upTo) reportLost({ from: last + 1, to: upTo });
      } finally {
        readers.delete(reader);
      }
    },
  };
}

function positionOf(line: Buffer): Position | undefined {
  let position: Position | undefined;
  visitLine(
    { at: 0, bytes: line, terminated: true },
    {
      damaged() {},
      whole(_bytes, head) {
        position ??= head.position;
      },
    },
  );
  return position;
}
