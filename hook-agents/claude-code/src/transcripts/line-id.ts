import { createHash } from "node:crypto";

import type { Place } from "./place.ts";

/**
 * Where in a transcript a line stands that has no `uuid`: by the last one before it that has, so that its id is
 * the same from whichever place in the file reading begins, and in a file that was restored.
 */
export interface Anchor {
  /** The last uuid; "" before the first. */
  uuid: string;
  /** Lines since then. */
  since: number;
}

export const newAnchor = (): Anchor => ({ uuid: "", since: 0 });

/** Moves the anchor by one line. @returns an id for an entry that has no uuid; the service knows the others by theirs */
export function nextLineId(anchor: Anchor, place: Place, entry: object): string | undefined {
  const uuid = "uuid" in entry ? entry.uuid : undefined;
  if (typeof uuid === "string") {
    Object.assign(anchor, { uuid, since: 0 });
    return undefined;
  }
  anchor.since += 1;
  return hashedId(place, anchor.uuid, anchor.since, JSON.stringify(entry));
}

/** @param version how many there were, so that a note that becomes what it once was counts again */
export const noteId = (place: Place, version: number, text: string): string =>
  hashedId(place, "agent_metadata", version, text);

function hashedId({ projectKey, subpath }: Place, ...parts: readonly (string | number)[]): string {
  const text = JSON.stringify([projectKey, subpath, ...parts]);
  return `line-${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
}

/** An entry as far as it can be told apart from others of its transcript. */
export function contentKeyOf(entry: object): string {
  const uuid = "uuid" in entry ? entry.uuid : undefined;
  if (typeof uuid === "string") return uuid;
  return createHash("sha256").update(JSON.stringify(entry)).digest("base64url");
}
