import type { HookAgent, Receipt } from "@sessions/hook-agent";

import { type EntryStore, EntryStoreError } from "./entry-store.ts";
import { createStoreClient } from "./store-client.ts";

const projectKey = "langgraph";

/** Entries in the session's transcripts: written through the hook agent's spool, read from the service. */
export function createSessionEntries(agent: HookAgent, timeoutMs: number): EntryStore {
  const connection = agent.connection();
  if (connection === null)
    throw new Error("checkpoints need a session: set SESSION_ID, or give an agent that has one");
  const client = createStoreClient({ ...connection, projectKey, timeoutMs });
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
      const { dropped } = agent.stats();
      const { receipt } = agent.logEntry({ projectKey, subpath }, entry);
      if (agent.stats().dropped > dropped)
        throw new EntryStoreError("a checkpoint could not be spooled", true);
      follow(receipt);
    },
    async settle(timeoutMs) {
      const isSent = await agent.flush({ timeoutMs, endsOnFailure: true });
      if (isSent) await Promise.all(undecided);
      failWhenRefused();
      return isSent;
    },
    ...client,
  };
}
