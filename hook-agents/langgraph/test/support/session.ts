import { type HookAgent, createHookAgent } from "@sessions/hook-agent";
import { onTestFinished } from "vitest";

import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";

export interface Session {
  readonly agent: HookAgent;
  readonly sessionId: string;
}

/** A session and its hook agent, with short waits before retries. */
export function createSession(
  serviceUrl: string,
  sessionId = `run-${crypto.randomUUID()}`,
): Session {
  const agent = createHookAgent({
    sessionId,
    serviceUrl,
    spoolDirectory: temporaryDirectory(),
    flushOnExit: false,
    limits: { retryBaseMs: 5, retryMaxMs: 100 },
    log: { warn: () => {} },
  });
  onTestFinished(async () => void (await agent.close({ timeoutMs: 0 })));
  return { agent, sessionId };
}
