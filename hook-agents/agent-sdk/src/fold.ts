import type { HookAgentLog } from "@sessions/hook-agent";

import type { FoldSessionSummary } from "./api.ts";

/** The SDK's function, loaded when it is first needed: who uses this store has the SDK in memory already. */
export function createFoldLoader(
  given: FoldSessionSummary | undefined,
  log: HookAgentLog | undefined,
): () => Promise<FoldSessionSummary | undefined> {
  let loaded: Promise<FoldSessionSummary | undefined> | undefined;

  const load = async () => {
    if (given) return given;
    try {
      const { foldSessionSummary } = await import("@anthropic-ai/claude-agent-sdk");
      if (foldSessionSummary) return foldSessionSummary as FoldSessionSummary;
      throw new Error("this version has no foldSessionSummary");
    } catch (error) {
      // Listing sessions then reads their transcripts, as the SDK does with stores that keep no summaries.
      const message = "no session summaries are kept: the Claude Agent SDK can't be used";
      if (log) log.warn({ error }, message);
      else process.emitWarning(`${message}: ${String(error)}`, "SessionStoreWarning");
      return undefined;
    }
  };
  return () => (loaded ??= load());
}
