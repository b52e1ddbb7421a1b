import type { StoredValue } from "./value.ts";

/** What a thread's transcript holds, an entry a line. The fold of all of them, in any order, is the thread. */
export type Entry =
  | ThreadEntry
  | BlobEntry
  | CheckpointEntry
  | WritesEntry
  | MovedEntry
  | SealedEntry;

/** `tag` names the entry, so that a reader who comes back sees whether it is still where it was. */
export type Tagged<E extends Entry = Entry> = E & { readonly tag: string };

/** Whose thread it is; a name that is a hash does not say. */
export interface ThreadEntry {
  readonly type: "thread";
  readonly thread: string;
}

/**
 * A channel's value, kept under the checkpoint that wrote it: `at` units of the value that checkpoint `from` wrote,
 * then `text`. A graph that gathers messages writes only the new ones. `from` the same checkpoint: a further part.
 */
export interface BlobEntry {
  readonly type: "blob";
  readonly namespace: string;
  readonly checkpoint: string;
  readonly channel: string;
  readonly version: number | string;
  readonly value: StoredValue;
  readonly from?: string;
  readonly at: number;
}

export interface CheckpointEntry {
  readonly type: "checkpoint";
  readonly namespace: string;
  readonly id: string;
  readonly parent?: string;
  /** The checkpoint's own format. */
  readonly v: number;
  readonly versions: Readonly<Record<string, number | string>>;
  /** Channels with a new version here; those without a blob have no value. The others are the parent's. */
  readonly changed: readonly string[];
  /** Where the parent may be gone: the checkpoint that wrote each of the other channels that have a value. */
  readonly values?: Readonly<Record<string, string>>;
  /** Channels whose value is made of the writes of the checkpoints above, down to one that has it whole. */
  readonly deltas?: readonly string[];
  /** Without `channel_values` and `channel_versions`. */
  readonly checkpoint: StoredValue;
  readonly metadata: StoredValue;
  /** Copied by a pruning: what is there already, is newer. */
  readonly kept?: true;
}

export interface Write {
  readonly channel: string;
  /** Negative for the special ones, of which the last counts; of the others the first. */
  readonly index: number;
  readonly value: StoredValue;
}

export interface WritesEntry {
  readonly type: "writes";
  readonly namespace: string;
  readonly checkpoint: string;
  readonly task: string;
  readonly writes: readonly Write[];
  readonly kept?: true;
}

/** The thread goes on in this generation; nobody who has read this writes here again. */
export interface MovedEntry {
  readonly type: "moved";
  readonly to: number;
}

/** What is kept of these generations is here: each can go as long as the entry with this tag is its last. */
export interface SealedEntry {
  readonly type: "sealed";
  readonly covers: Readonly<Record<number, string>>;
}

const types = new Set(["thread", "blob", "checkpoint", "writes", "moved", "sealed"]);

/** Entries are written by this package only: one of a type that it doesn't know comes from a newer version. */
export function parseEntry(value: unknown): Tagged {
  const entry = value as Tagged | null;
  if (typeof entry !== "object" || entry === null || !types.has(entry.type))
    throw new Error(`not an entry of this version: ${JSON.stringify(value)?.slice(0, 100)}`);
  return entry;
}
