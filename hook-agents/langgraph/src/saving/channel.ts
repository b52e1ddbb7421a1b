import type { BlobEntry } from "./entry.ts";
import type { StoredValue } from "./value.ts";

/** The values of one channel, each by the checkpoint that wrote it. */
export interface Channel {
  add(blob: BlobEntry): void;
  has(checkpoint: string): boolean;
  /** @returns undefined when there is none, or when one that it builds upon is gone */
  read(checkpoint: string): StoredValue | undefined;
  /** Spares the reading of the value that the next one most likely builds upon. */
  remember(checkpoint: string, value: StoredValue): void;
  versionOf(checkpoint: string): number | string | undefined;
  /** The checkpoint that wrote this version last. */
  writerOf(version: number | string | undefined): string | undefined;
}

interface Blob extends Omit<StoredValue, "text"> {
  text: string;
  readonly version: number | string;
  readonly from: string | undefined;
  readonly at: number;
}

export function createChannel(): Channel {
  const blobs = new Map<string, Blob>();
  let remembered: { checkpoint: string; value: StoredValue } | undefined;

  return {
    add({ checkpoint, version, value, from, at }) {
      if (remembered?.checkpoint === checkpoint) remembered = undefined;
      const blob = blobs.get(checkpoint);
      if (from === checkpoint) {
        // A further part, or the same one again.
        if (blob) blob.text = blob.text.slice(0, at - blob.at) + value.text;
        return;
      }
      blobs.set(checkpoint, { ...value, version, from, at });
    },
    has: (checkpoint) => blobs.has(checkpoint),
    read(checkpoint) {
      const last = blobs.get(checkpoint);
      if (last === undefined) return undefined;
      if (remembered?.checkpoint === checkpoint) return remembered.value;
      const parts: string[] = [];
      let needed = Number.POSITIVE_INFINITY;
      let blob: Blob | undefined = last;
      // Backwards: of each value only what the later ones have left of it.
      for (let steps = 0; ; steps += 1) {
        if (blob === undefined || steps > blobs.size) return undefined;
        if (needed > blob.at) {
          parts.push(blob.text.slice(0, needed - blob.at));
          needed = blob.at;
        }
        if (needed === 0 || blob.from === undefined) break;
        blob = blobs.get(blob.from);
      }
      const { type, base64 } = last;
      return { type, text: parts.toReversed().join(""), ...(base64 && { base64 }) };
    },
    remember(checkpoint, value) {
      remembered = { checkpoint, value };
    },
    versionOf: (checkpoint) => blobs.get(checkpoint)?.version,
    writerOf: (version) => [...blobs].findLast(([, blob]) => blob.version === version)?.[0],
  };
}
