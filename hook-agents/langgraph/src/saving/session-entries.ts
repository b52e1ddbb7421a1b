import type { HookAgent, Receipt } from "@sessions/hook-agent";

import { type EntryStore, EntryStoreError } from "./entry-store.ts";
import { createStoreClient } from "./store-client.ts";

export interface SessionEntriesOptions {
  readonly agent: HookAgent;
  readonly serviceUrl: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
}

const projectKey = "langgraph";

/** Entries in the session's transcripts: written through the hook agent's spool, read from the service. */
export function createSessionEntries(options: SessionEntriesOptions): EntryStore {
  const { agent } = options;
  if (agent.sessionId === null)
    throw new Error("checkpoints need a session: set SESSION_ID, or give an agent that has one");
  const client = createStoreClient({ ...options, sessionId: agent.sessionId, projectKey });
  const undecided = new Set<Promise<void>>();
  let refusal: string | undefined;

  const follow = (receipt: Promise<Receipt>) => {
    const decided = receipt.then((result) => {
      undecided.delete(decided);
      if (result.outcome === "rejected") refusal ??= result.problem.detail;
      if (result.outcome === "dropped") refusal ??= result.reason;
    });
    undecided.add(decided);
  };

  const failWhenRefused = () => {
    if (refusal === undefined) return;
    const reason = refusal;
    refusal = undefined;
    throw new EntryStoreError(`a checkpoint was not stored: ${reason}`, false);
  };

  return {
    append(subpath, entry) {
      failWhenRefused();
      follow(agent.logEntry({ projectKey, subpath }, entry).receipt);
    },
    async settle(timeoutMs) {
      const isSent = await agent.flush({ timeoutMs });
      if (isSent) await Promise.all(undecided);
      failWhenRefused();
      return isSent;
    },
    ...client,
  };
}
