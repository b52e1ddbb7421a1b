import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";

/** A value as the saver's serialiser gives it: JSON text as text, anything else in base64. */
export interface StoredValue {
  readonly type: string;
  readonly text: string;
  readonly base64?: true;
}

export async function dump(serde: SerializerProtocol, value: unknown): Promise<StoredValue> {
  const [type, bytes] = await serde.dumpsTyped(value);
  const text = type === "json" ? textOf(bytes) : undefined;
  if (text !== undefined) return { type, text };
  return { type, text: Buffer.from(bytes).toString("base64"), base64: true };
}

export async function load(serde: SerializerProtocol, stored: StoredValue): Promise<unknown> {
  const { type, text, base64 } = stored;
  const value: unknown = await serde.loadsTyped(
    type,
    base64 ? new Uint8Array(Buffer.from(text, "base64")) : text,
  );
  return value;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Compared in steps of this many UTF-16 units: comparing whole slices is what engines are fast at. */
const stepUnits = 4_096;

/** Length of what both texts begin with, in UTF-16 units; never half a character. */
export function commonPrefix(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.slice(at, at + stepUnits) === b.slice(at, at + stepUnits))
    at = Math.min(end, at + stepUnits);
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return wholeCharacters(a, at);
}

/** The text in parts of at most so many UTF-16 units; never half a character. */
export function* parts(text: string, maxUnits: number): Generator<string> {
  for (let at = 0; at < text.length || at === 0;) {
    const end = wholeCharacters(text, Math.min(text.length, at + maxUnits));
    yield text.slice(at, end);
    if (end >= text.length) return;
    at = end;
  }
}

function wholeCharacters(text: string, end: number): number {
  const isHigh = end > 0 && end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return isHigh ? end - 1 : end;
}
