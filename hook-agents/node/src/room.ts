import { type Entry, remaining, unsentBytes } from "./entry.ts";
import { type Relief, shortenLines, stripLines } from "./relief.ts";

/** What to give up next. */
export interface RoomFound {
  readonly victim: Entry;
  /** A neighbour that the victim takes in, so that the leftovers of many segments don't become many files. */
  readonly absorbed: Entry | undefined;
  readonly relief: Relief;
  readonly stripped: boolean;
}

/** Less than this part of a segment isn't worth the rewriting. */
const worthwhilePart = 4;

/**
 * Bulky payloads go first, wherever they are; then bulk records, oldest first. What is on its way stays.
 * @returns undefined when nothing worth it is left to give
 */
export function findRelief(
  entries: readonly Entry[],
  inFlight: Entry | undefined,
  segmentBytes: number,
): RoomFound | undefined {
  const open = entries.filter(
    (entry) => entry !== inFlight && unsentBytes(entry) >= segmentBytes / worthwhilePart,
  );
  const bulky = open.find((entry) => entry.bulky);
  if (bulky) {
    const relief = shortenLines(remaining(bulky));
    return { victim: bulky, absorbed: undefined, relief, stripped: bulky.stripped };
  }
  const victim = open.find((entry) => !entry.stripped);
  if (!victim) return undefined;
  const before = entries[entries.indexOf(victim) - 1];
  const absorbed = canAbsorb(before, victim, inFlight, segmentBytes) ? before : undefined;
  const lines = [...(absorbed ? remaining(absorbed) : []), ...remaining(victim)];
  return { victim, absorbed, relief: stripLines(lines), stripped: true };
}

function canAbsorb(
  before: Entry | undefined,
  victim: Entry,
  inFlight: Entry | undefined,
  segmentBytes: number,
): boolean {
  if (!before?.stripped || before === inFlight || before.spool !== victim.spool) return false;
  return unsentBytes(before) < segmentBytes;
}
