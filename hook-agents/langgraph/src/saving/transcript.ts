import { randomBytes } from "node:crypto";

import type { EntryStore } from "./entry-store.ts";
import { type Entry, type Tagged, parseEntry } from "./entry.ts";

/** One list of entries, of which this process knows the first ones. */
export interface Transcript {
  readonly generation: number;
  readonly path: string;
  append(entry: Entry): Tagged;
  /** Of the last entry that is known. */
  lastTag(): string | undefined;
  /** A reading begins: what is appended from here on may come after others that are not known. */
  freeze(): void;
  thaw(): void;
  /**
   * What is new in the store. All that was appended before `freeze` has to be stored.
   * @returns undefined when the list is no longer the one that was known: it was deleted, and maybe begun anew
   */
  readOn(): Promise<Tagged[] | undefined>;
  readAll(): Promise<Tagged[]>;
}

export function createTranscript(
  entries: EntryStore,
  path: string,
  generation: number,
): Transcript {
  const writer = randomBytes(6).toString("base64url");
  let appended = 0;
  let known: { count: number; lastTag: string | undefined } = { count: 0, lastTag: undefined };
  let isFrozen = false;
  let appendedWhileFrozen = false;
  /** The store has, or will have, entries between the known ones and the latest of this process. */
  let isBehind = false;

  const read = async (after: number) => (await entries.read(path, after))?.map(parseEntry);
  const know = (after: number, found: readonly Tagged[]) => {
    known = { count: after + found.length, lastTag: found.at(-1)?.tag };
    isBehind = appendedWhileFrozen;
  };

  return {
    generation,
    path,
    append(entry) {
      appended += 1;
      const tagged = { ...entry, tag: `${writer}.${appended}` };
      entries.append(path, tagged);
      if (isFrozen) appendedWhileFrozen = true;
      else if (!isBehind) known = { count: known.count + 1, lastTag: tagged.tag };
      return tagged;
    },
    lastTag: () => known.lastTag,
    freeze() {
      isFrozen = true;
      appendedWhileFrozen = false;
    },
    thaw() {
      isFrozen = false;
      isBehind ||= appendedWhileFrozen;
      appendedWhileFrozen = false;
    },
    async readOn() {
      const { count, lastTag } = known;
      // The last one that is known comes again, and shows that the list is still the same.
      const after = Math.max(0, count - 1);
      const found = await read(after);
      if (count > 0 && found?.[0]?.tag !== lastTag) return undefined;
      if (found === undefined) return [];
      know(after, found);
      return count > 0 ? found.slice(1) : found;
    },
    async readAll() {
      const found = (await read(0)) ?? [];
      know(0, found);
      return found;
    },
  };
}
