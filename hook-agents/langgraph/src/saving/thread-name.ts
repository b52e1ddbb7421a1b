import { createHash } from "node:crypto";

/** The store allows 200 of `[A-Za-z0-9._-]` for a name. */
const maxLength = 200;

/**
 * Any thread id as a name of the store, never the same for two. Upper-case letters are written as bytes too, so
 * that names also differ where a file system does not tell cases apart. `_` begins a byte in hex; `__` the hash of
 * what would be too long, whose id stands in the thread's first entry only.
 */
export function nameOfThread(threadId: string): string {
  if (threadId === "") return "_";
  const name = Buffer.from(threadId, "utf8").reduce((text, byte) => {
    const character = String.fromCharCode(byte);
    return text + (/[a-z0-9-]/.test(character) ? character : `_${hex(byte)}`);
  }, "");
  if (name.length <= maxLength) return name;
  return `__${createHash("sha256").update(threadId).digest("hex")}`;
}

/** @returns undefined when the name is a hash, or not one of ours */
export function threadOfName(name: string): string | undefined {
  if (name === "_") return "";
  if (!/^([a-z0-9-]|_[0-9a-f]{2})+$/.test(name)) return undefined;
  const bytes = [...name.matchAll(/_(..)|./g)].map(([character, byte]) =>
    byte === undefined ? character.charCodeAt(0) : Number.parseInt(byte, 16),
  );
  return Buffer.from(bytes).toString("utf8");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
