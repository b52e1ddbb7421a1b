import { createHash } from "node:crypto";

import type { Place } from "./place.ts";

/**
 * Where in a transcript a line stands that has no `uuid`: by the last one before it that has, and by how many of
 * the same content came since. So its id is the same from whichever place in the file reading begins, in a file
 * that was restored, and for the SDK, which mirrors only some of the lines.
 */
export interface Anchor {
  /** The last uuid, or the id of a line where too many have none; "" before the first. */
  uuid: string;
  /** How often each content came since then, by its hash. */
  counts: Record<string, number>;
  /** How many contents those are. */
  contents: number;
}

export const newAnchor = (): Anchor => anchorAt("");
const anchorAt = (uuid: string): Anchor => ({ uuid, counts: {}, contents: 0 });

/** Different contents that are told apart behind one anchor. */
const contentsAtMost = 1_000;

/** Moves the anchor by one line. @returns an id for an entry that has no uuid; the service knows the others by theirs */
export function nextLineId(anchor: Anchor, place: Place, entry: object): string | undefined {
  const uuid = "uuid" in entry ? entry.uuid : undefined;
  if (typeof uuid === "string") {
    Object.assign(anchor, anchorAt(uuid));
    return undefined;
  }
  const text = JSON.stringify(entry);
  const times = countIn(anchor.counts, text);
  const id = hashedId(place, anchor.uuid, times, text);
  if (times === 1) anchor.contents += 1;
  if (anchor.contents >= contentsAtMost) Object.assign(anchor, anchorAt(id));
  return id;
}

/** @param times how often the note became this, so that one that becomes what it once was counts again */
export const noteId = (place: Place, times: number, text: string): string =>
  hashedId(place, "agent_metadata", times, text);

/** @returns how often it came, this time included */
export function countIn(counts: Record<string, number>, text: string): number {
  const key = hashOf(text);
  const times = (counts[key] ?? 0) + 1;
  counts[key] = times;
  return times;
}

function hashedId({ projectKey, subpath }: Place, ...parts: readonly (string | number)[]): string {
  const text = JSON.stringify([projectKey, subpath, ...parts]);
  return `line-${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
}

export const hashOf = (bytes: Buffer | string): string =>
  createHash("sha256").update(bytes).digest("base64url").slice(0, 16);

/** An entry as far as it can be told apart from others of its transcript. */
export function contentKeyOf(entry: object): string {
  const uuid = "uuid" in entry ? entry.uuid : undefined;
  if (typeof uuid === "string") return uuid;
  return createHash("sha256").update(JSON.stringify(entry)).digest("base64url");
}
