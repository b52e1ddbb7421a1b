import type { TranscriptPlace } from "./api.ts";
import { copyMembers } from "./serialise.ts";

/** It becomes the name of a folder, so it is checked before anything else is. */
export function isSessionId(value: unknown): value is string {
  if (typeof value !== "string" || value.includes("..")) return false;
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(value);
}

/** The id that the caller gave as this member; undefined when there is none or it can't be one. */
export function idOf(value: unknown, member: string): string | undefined {
  try {
    const id = (value as Record<string, unknown> | undefined)?.[member];
    return typeof id === "string" && /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(id) ? id : undefined;
  } catch {
    // A getter that throws gives no id; what else is wrong with the value is found later.
    return undefined;
  }
}

/** A record's members, with the time at which it was logged: it may be sent much later. */
export function stampRecord(record: unknown): object {
  const { id: _, ...members } = requireObject(record);
  return { timestamp: new Date().toISOString(), ...members };
}

export function requireObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return copyMembers(value);
  throw new TypeError(`expected an object, got ${value === null ? "null" : typeof value}`);
}

/** The members that are wanted and no others: the service refuses an object with more. */
export function placeOf(value: unknown): TranscriptPlace {
  const { projectKey, subpath } = requireObject(value) as unknown as TranscriptPlace;
  return { projectKey, ...(subpath != null && { subpath }) };
}
