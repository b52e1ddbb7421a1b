import { type HookAgent, hookAgent } from "@sessions/hook-agent";

import { CheckpointSaver, type CheckpointSaverOptions } from "./checkpoint-saver.ts";
import { createSessionEntries } from "./session-entries.ts";

export interface SessionStoreSaverOptions extends CheckpointSaverOptions {
  /** Made from the environment unless given. Checkpoints go where its records go. */
  agent?: HookAgent;
}

/**
 * Keeps the checkpoints of LangGraph.js in a session: `compile({ checkpointer: new SessionStoreSaver() })`. A graph
 * goes on where it was in whichever process has the session. Needs a session id; without one it throws.
 */
export class SessionStoreSaver extends CheckpointSaver {
  constructor({
    agent = hookAgent,
    timeoutMs = 30_000,
    ...options
  }: SessionStoreSaverOptions = {}) {
    super(createSessionEntries(agent, timeoutMs), { ...options, timeoutMs });
  }
}
