import { createHash } from "node:crypto";

import type { SessionKey, SessionStoreEntry } from "./api.ts";

/** The last entry with a uuid that was appended to a transcript, and how many without one since. */
export interface Anchor {
  readonly uuid: string;
  readonly since: number;
}

export interface NamedEntries {
  /** By index; undefined for an entry with a uuid, which the service knows by that. */
  readonly ids: readonly (string | undefined)[];
  readonly anchor: Anchor;
}

/**
 * An entry without a uuid is named by its content and its distance from a neighbour with one: an import that is
 * repeated, however it is cut into batches, and a batch that is retried give the same names, while `mode A`,
 * `mode B`, `mode A` are three. In a batch that has no neighbour to offer the last one before it counts.
 */
export function nameEntries(
  key: SessionKey,
  entries: readonly SessionStoreEntry[],
  before: Anchor,
): NamedEntries {
  const first = entries.findIndex(hasUuid);
  let anchor = before;
  const ids = entries.map((entry, index) => {
    if (hasUuid(entry)) {
      anchor = { uuid: entry.uuid, since: 0 };
      return undefined;
    }
    if (index < first) return nameOf(key, entry, uuidAt(entries, first), index - first);
    anchor = { ...anchor, since: anchor.since + 1 };
    return nameOf(key, entry, anchor.uuid, anchor.since);
  });
  return { ids, anchor };
}

function nameOf(
  { projectKey, subpath }: SessionKey,
  entry: SessionStoreEntry,
  neighbour: string,
  distance: number,
): string {
  const parts = [projectKey, subpath ?? null, neighbour, distance, entry];
  return `entry-${createHash("sha256").update(JSON.stringify(parts)).digest("base64url")}`;
}

function hasUuid(entry: SessionStoreEntry): entry is SessionStoreEntry & { uuid: string } {
  return typeof entry.uuid === "string";
}

function uuidAt(entries: readonly SessionStoreEntry[], index: number): string {
  return entries[index]?.uuid ?? "";
}
