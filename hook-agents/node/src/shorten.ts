import { createHash } from "node:crypto";

/** What stands where a bulky value was: its size as JSON text in bytes, and that text's SHA-256. */
interface Shortened {
  shortened: true;
  bytes: number;
  sha256: string;
}
/** Bytes of a `Shortened` as JSON text, rounded up. */
const shortenedBytes = 128;

/**
 * Replaces the largest members, innermost first, until the JSON text of the value has at most `maxBytes`.
 * @param value what `JSON.parse` gives
 */
export function shorten(value: unknown, maxBytes: number): unknown {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return value;
  if (!isObject(value)) return shortened(text, bytes);

  const members = Object.entries(value)
    .map(([key, member]) => ({ key, member, bytes: sizeOf(member) }))
    .sort((a, b) => b.bytes - a.bytes);
  const result: Record<string, unknown> = { ...value };
  let total = bytes;
  for (const { key, member, bytes: memberBytes } of members) {
    if (total <= maxBytes || memberBytes <= shortenedBytes) break;
    const room = Math.max(shortenedBytes, maxBytes - (total - memberBytes));
    result[key] = shorten(member, room);
    total += sizeOf(result[key]) - memberBytes;
  }
  return total <= maxBytes ? result : shortened(text, bytes);
}

function shortened(text: string, bytes: number): Shortened {
  return { shortened: true, bytes, sha256: createHash("sha256").update(text).digest("hex") };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
