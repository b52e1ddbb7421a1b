import hookAgent, { type HookAgent } from "@sessions/hook-agent";

import { CheckpointSaver, type CheckpointSaverOptions } from "./saving/checkpoint-saver.ts";
import { createSessionEntries } from "./saving/session-entries.ts";

export {
  SessionCallbackHandler,
  type SessionCallbackHandlerOptions,
} from "./recording/callback-handler.ts";

export interface SessionStoreSaverOptions extends CheckpointSaverOptions {
  /** Made from the environment unless given. */
  agent?: HookAgent;
  /** SESSION_SERVICE_URL unless given, or `http://localhost:9000`. */
  serviceUrl?: string;
  /** An API key or the session's token; SESSION_TOKEN unless given. */
  token?: string;
}

/**
 * Keeps the checkpoints of LangGraph.js in a session: `compile({ checkpointer: new SessionStoreSaver() })`. A graph
 * goes on where it was in whichever process has the session. Needs a session id; without one it throws.
 */
export class SessionStoreSaver extends CheckpointSaver {
  constructor(options: SessionStoreSaverOptions = {}) {
    const { env } = process;
    const entries = createSessionEntries({
      agent: options.agent ?? hookAgent,
      serviceUrl: options.serviceUrl ?? env["SESSION_SERVICE_URL"] ?? "http://localhost:9000",
      token: options.token ?? env["SESSION_TOKEN"],
      timeoutMs: options.timeoutMs ?? 30_000,
    });
    super(entries, options);
  }
}
