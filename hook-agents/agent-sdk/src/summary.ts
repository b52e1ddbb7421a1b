import type {
  FoldSessionSummary,
  SessionKey,
  SessionStoreEntry,
  SessionSummaryEntry,
} from "./api.ts";
import type { StoreClient } from "./store-client.ts";

/** The summary of a transcript's first `seq` entries; undefined while there is none. */
export interface Folded {
  readonly seq: number;
  readonly summary: SessionSummaryEntry | undefined;
}

export const nothingFolded: Folded = { seq: 0, summary: undefined };

export function foldOn(
  fold: FoldSessionSummary,
  { seq, summary }: Folded,
  key: SessionKey,
  entries: SessionStoreEntry[],
): Folded {
  // The service says when; the SDK's function only carries it along.
  return { seq: seq + entries.length, summary: fold(summary, key, entries, { mtime: 0 }) };
}

/** What the service keeps, brought up to the end of the transcript by reading only what came after. */
export async function foldTail(
  client: StoreClient,
  fold: FoldSessionSummary,
  key: SessionKey,
  kept: { readonly data: Record<string, unknown>; readonly seq: number } | null,
): Promise<Folded | undefined> {
  const { sessionId } = key;
  const before = kept
    ? { seq: kept.seq, summary: { sessionId, mtime: 0, data: kept.data } }
    : nothingFolded;
  return client.readEntries(
    key,
    { after: before.seq },
    (): Folded => before,
    (folded, entry) => foldOn(fold, folded, key, [entry]),
  );
}

/** The service's limit. A prompt may be longer, and is in the SDK's summary whole. */
const summaryBytes = 65_536;

/**
 * @param base the `seq` of the summary that the service keeps
 * @returns that `seq` afterwards; undefined when somebody else has put another one
 */
export async function keep(
  client: StoreClient,
  key: SessionKey,
  { seq, summary }: Folded,
  base: number,
): Promise<number | undefined> {
  if (summary === undefined || seq === base) return base;
  if (Buffer.byteLength(JSON.stringify(summary.data)) > summaryBytes) return base;
  return (await client.putSummary(key, { seq, data: summary.data }, base)) ? seq : undefined;
}
