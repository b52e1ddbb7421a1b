import type { BlobEntry } from "./entry.ts";
import { commonPrefix, parts, type StoredValue } from "./value.ts";

/** Text of one entry, in UTF-16 units: also with each of them escaped it stays below the 16 MiB of an entry. */
const partUnits = 2_097_152;
/** Less in common is not worth a reference. */
const minPrefix = 256;

export interface Base {
  readonly checkpoint: string;
  readonly value: StoredValue;
}

/** The entries that keep a value, as what it has more than `base`, an earlier value of the channel. */
export function* blobEntries(
  place: Omit<BlobEntry, "type" | "value" | "from" | "at">,
  { text, ...kind }: StoredValue,
  base: Base | undefined,
): Generator<BlobEntry> {
  const isLike = base?.value.type === kind.type && base.value.base64 === kind.base64;
  const prefix = isLike ? commonPrefix(base.value.text, text) : 0;
  const from = prefix < minPrefix ? undefined : base?.checkpoint;
  let at = from === undefined ? 0 : prefix;
  let isFirst = true;
  for (const part of parts(text.slice(at), partUnits)) {
    const origin = isFirst ? from : place.checkpoint;
    const value = { ...kind, text: part };
    yield { type: "blob", ...place, value, at, ...(origin !== undefined && { from: origin }) };
    at += part.length;
    isFirst = false;
  }
}
