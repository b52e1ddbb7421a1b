import { createHash, randomUUID } from "node:crypto";

import type { SessionKey, SessionStoreEntry } from "./api.ts";

/** A place in a transcript: how many entries without a uuid come after the last one with one; "" is its beginning. */
interface Anchor {
  readonly uuid: string;
  readonly since: number;
}

/** What is known of one transcript. */
interface Known {
  /** Where it ended last. */
  end: Anchor | undefined;
  /** Stands for that while nothing tells it. */
  readonly unknownEnd: Anchor;
  /** By the first uuid of a batch: where the batch began, if that was known. A repeated import begins there again. */
  readonly begins: Map<string, Anchor | undefined>;
  appends: number;
}

export interface NamedEntries {
  /** By index; undefined for an entry with a uuid, which the service knows by that. */
  readonly ids: readonly (string | undefined)[];
  /** To be called once the entries are spooled; a batch that failed has the same names when it comes again. */
  keep(): void;
}

/**
 * Names entries without a uuid by their content and their place, as the relay for Claude Code does: a batch that is
 * retried, an import that is repeated, however it is cut, and another recorder of the same transcript give the same
 * names, while `mode A`, `mode B`, `mode A` are three.
 */
export interface EntryNames {
  name(key: SessionKey, entries: readonly SessionStoreEntry[]): NamedEntries;
  /** A transcript is read, and maybe gone on with. @returns what to call with all its entries */
  loading(key: SessionKey): (entries: readonly SessionStoreEntry[]) => void;
  /** Its transcript begins anew. */
  forget(key: SessionKey): void;
}

const transcriptsAtMost = 10_000;
const beginsAtMost = 10_000;
const beginning: Anchor = { uuid: "", since: 0 };

export function createEntryNames(): EntryNames {
  const all = new Map<string, Known>();

  const know = (key: SessionKey): Known => {
    const name = transcriptOf(key);
    const known = all.get(name) ?? {
      end: undefined,
      unknownEnd: { uuid: `unknown ${randomUUID()}`, since: 0 },
      begins: new Map<string, Anchor | undefined>(),
      appends: 0,
    };
    // Moved to the end: the longest unused are forgotten first.
    all.delete(name);
    all.set(name, known);
    dropOldest(all, transcriptsAtMost);
    return known;
  };

  return {
    name(key, entries) {
      const known = know(key);
      const first = entries.findIndex(hasUuid);
      const firstUuid = entries[first]?.uuid;
      const begin = beginOf(known, entries[first]);
      if (first > 0 && firstUuid !== undefined) {
        known.begins.set(firstUuid, begin);
        dropOldest(known.begins, beginsAtMost);
      }
      let anchor = begin ?? known.unknownEnd;
      const ids = entries.map((entry, index) => {
        anchor = moved(anchor, entry);
        if (hasUuid(entry)) return undefined;
        // Of a transcript whose end isn't known here the next uuid says where.
        const isBefore = begin === undefined && firstUuid !== undefined && index < first;
        return isBefore
          ? nameOf(key, { uuid: firstUuid, since: index - first }, entry)
          : nameOf(key, anchor, entry);
      });
      return {
        ids,
        keep() {
          known.end = anchor;
          known.appends += 1;
        },
      };
    },
    loading(key) {
      const known = know(key);
      const { appends } = known;
      return (entries) => {
        const last = entries.findLastIndex(hasUuid);
        const end = { uuid: entries[last]?.uuid ?? "", since: entries.length - 1 - last };
        // What was appended meanwhile may be among them or not.
        if (known.appends === appends) known.end = end;
      };
    },
    forget(key) {
      const named = transcriptOf(key);
      for (const name of all.keys())
        if (name === named || (key.subpath === undefined && name.startsWith(`${named}/`)))
          all.delete(name);
    },
  };
}

/** @returns undefined when nothing tells where a batch begins that has `first` as its first entry with a uuid */
function beginOf({ end, begins }: Known, first: SessionStoreEntry | undefined): Anchor | undefined {
  if (first?.uuid !== undefined && begins.has(first.uuid)) return begins.get(first.uuid);
  // What answers nothing is the first message of its transcript.
  return end ?? (first?.["parentUuid"] === null ? beginning : undefined);
}

function moved({ uuid, since }: Anchor, entry: SessionStoreEntry): Anchor {
  return hasUuid(entry) ? { uuid: entry.uuid, since: 0 } : { uuid, since: since + 1 };
}

/** The relay's formula. */
function nameOf(
  { projectKey, subpath }: SessionKey,
  { uuid, since }: Anchor,
  entry: SessionStoreEntry,
): string {
  const text = JSON.stringify([projectKey, subpath ?? null, uuid, since, JSON.stringify(entry)]);
  return `line-${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
}

function hasUuid(entry: SessionStoreEntry): entry is SessionStoreEntry & { uuid: string } {
  return typeof entry.uuid === "string";
}

function dropOldest(map: Map<string, unknown>, atMost: number): void {
  for (const key of map.keys()) {
    if (map.size <= atMost) return;
    map.delete(key);
  }
}

function transcriptOf({ sessionId, projectKey, subpath }: SessionKey): string {
  return [sessionId, projectKey, ...(subpath === undefined ? [] : [subpath])].join("/");
}
