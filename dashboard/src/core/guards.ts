/** What the wire brought, not yet believed. */
export type Members = Readonly<Record<string, unknown>>;

/** An answer that is not what the contract says. */
export class MalformedAnswerError extends Error {
  override readonly name = "MalformedAnswerError";

  constructor(what: string) {
    super(`the service's answer is not what this page knows: ${what}`);
  }
}

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A nested object, or an empty one. */
export function membersOf(value: unknown, name: string): Members {
  const member = isMembers(value) ? value[name] : undefined;
  return isMembers(member) ? member : {};
}

export function textOf(value: unknown, name: string): string | undefined {
  const member = isMembers(value) ? value[name] : undefined;
  return typeof member === "string" ? member : undefined;
}

export function numberOf(value: unknown, name: string): number | undefined {
  const member = isMembers(value) ? value[name] : undefined;
  return typeof member === "number" && Number.isFinite(member) ? member : undefined;
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  const member = isMembers(value) ? value[name] : undefined;
  return Array.isArray(member) ? member : [];
}

/** Milliseconds since 1970, undefined for what is no time. */
export function timeOf(value: unknown, name: string): number | undefined {
  const time = Date.parse(textOf(value, name) ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** @throws MalformedAnswerError */
export function requireMembers(value: unknown, what: string): Members {
  if (!isMembers(value)) throw new MalformedAnswerError(`${what} is not an object`);
  return value;
}

/** @throws MalformedAnswerError */
export function requireList(value: unknown, name: string, what: string): readonly unknown[] {
  const member = isMembers(value) ? value[name] : undefined;
  if (!Array.isArray(member)) throw new MalformedAnswerError(`${what} has no list "${name}"`);
  return member;
}
