import { createHash, randomUUID } from "node:crypto";

import type { SessionKey, SessionStoreEntry } from "./api.ts";

/** A place in a transcript. */
interface Anchor {
  /** Of the last entry with one, or the name of an entry where too many have none; "" is the beginning. */
  readonly uuid: string;
  /** How often each content came since then, by its hash. */
  readonly counts: Map<string, number>;
  /** What the last `agent_metadata` said, and how often it became each content. */
  readonly note: string;
  readonly notes: Map<string, number>;
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
 * Names entries without a uuid by their content, the last entry with one before them and how many of the same content
 * came since, as the relay for Claude Code does: a batch that is retried, an import that is repeated, however it is
 * cut, and another recorder of the same transcript, which sees lines that the SDK keeps to itself, give the same names,
 * while `mode A`, `mode B`, `mode A` are three. Of `agent_metadata`, which stands for a file, only changes count.
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
/** Different contents that are told apart behind one anchor. */
const contentsAtMost = 1_000;

const anchorAt = (uuid: string): Anchor => ({
  uuid,
  counts: new Map<string, number>(),
  note: "",
  notes: new Map<string, number>(),
});
const copyOf = ({ uuid, counts, note, notes }: Anchor): Anchor => ({
  uuid,
  counts: new Map(counts),
  note,
  notes: new Map(notes),
});

export function createEntryNames(): EntryNames {
  const all = new Map<string, Known>();

  const know = (key: SessionKey): Known => {
    const name = transcriptOf(key);
    const known = all.get(name) ?? {
      end: undefined,
      unknownEnd: anchorAt(`unknown ${randomUUID()}`),
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
      let anchor = copyOf(begin ?? known.unknownEnd);
      const ids = entries.map((entry, index) => {
        const named = nameOf(key, anchor, entry);
        anchor = named.anchor;
        // Of a transcript whose end isn't known here the next uuid says where.
        const isBefore = begin === undefined && firstUuid !== undefined && index < first;
        return isBefore && !isNote(entry)
          ? nameBefore(key, firstUuid, entries.slice(index, first))
          : named.id;
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
        const end = entries.reduce(
          (anchor, entry) => nameOf(key, anchor, entry).anchor,
          anchorAt(""),
        );
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
  return end ?? (first?.["parentUuid"] === null ? anchorAt("") : undefined);
}

interface Named {
  readonly id: string | undefined;
  /** Behind the entry. */
  readonly anchor: Anchor;
}

/** Counts in the anchor that it is given. The formulas are the relay's. */
function nameOf(key: SessionKey, anchor: Anchor, entry: SessionStoreEntry): Named {
  if (hasUuid(entry)) {
    anchor.counts.clear();
    return { id: undefined, anchor: { ...anchor, uuid: entry.uuid } };
  }
  const text = JSON.stringify(entry);
  const content = createHash("sha256").update(text).digest("base64url");
  if (isNote(entry)) {
    const { notes, note } = anchor;
    if (content !== note) notes.set(content, (notes.get(content) ?? 0) + 1);
    const id = hashedId(key, "agent_metadata", notes.get(content) ?? 1, text);
    return { id, anchor: { ...anchor, note: content } };
  }
  const times = (anchor.counts.get(content) ?? 0) + 1;
  const id = hashedId(key, anchor.uuid, times, text);
  if (anchor.counts.set(content, times).size < contentsAtMost) return { id, anchor };
  anchor.counts.clear();
  return { id, anchor: { ...anchor, uuid: id } };
}

/** @param entries the one to name and those between it and the uuid */
function nameBefore(key: SessionKey, uuid: string, entries: readonly SessionStoreEntry[]): string {
  const [text = "", ...others] = entries.map((entry) => JSON.stringify(entry));
  return hashedId(key, uuid, -1 - others.filter((other) => other === text).length, text);
}

function hashedId({ projectKey, subpath }: SessionKey, ...parts: (string | number)[]): string {
  const text = JSON.stringify([projectKey, subpath ?? null, ...parts]);
  return `line-${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
}

/** The SDK tells a subagent's `.meta.json` as an entry of its transcript. */
const isNote = ({ type }: SessionStoreEntry): boolean => type === "agent_metadata";

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
