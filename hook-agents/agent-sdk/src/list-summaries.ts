import type { FoldSessionSummary, SessionSummaryEntry } from "./api.ts";
import { inParallel } from "./in-parallel.ts";
import type { ListedSummary, StoreClient } from "./store-client.ts";
import { foldTail, keep } from "./summary.ts";

const atOnce = 4;

/**
 * The summaries of all sessions in a project; those that are behind are brought up first. One for which there was no
 * time is older than its session, so that the SDK reads that transcript itself, or left out, with the same effect.
 */
export async function listSummaries(
  client: StoreClient,
  fold: FoldSessionSummary | undefined,
  projectKey: string,
  timeoutMs: number,
): Promise<SessionSummaryEntry[]> {
  const deadline = performance.now() + timeoutMs;
  const listed = await client.listSummaries(projectKey);

  const bringUp = async (row: ListedSummary & { sessionId: string }) => {
    const { sessionId, seq, mtime, summary } = row;
    if (summary !== null && summary.seq >= seq) return [{ sessionId, mtime, data: summary.data }];
    const key = { projectKey, sessionId };
    const isInTime = fold !== undefined && performance.now() < deadline;
    const folded = isInTime ? await foldTail(client, fold, key, summary) : undefined;
    if (folded?.summary === undefined)
      return summary === null ? [] : [{ sessionId, mtime: mtime - 1, data: summary.data }];
    // Whoever else put one meanwhile folded the same entries.
    await keep(client, key, folded, summary?.seq ?? 0);
    return [{ sessionId, mtime, data: folded.summary.data }];
  };

  return (await inParallel(listed, atOnce, bringUp)).flat();
}
