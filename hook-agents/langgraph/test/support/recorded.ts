import type { LogRecord } from "@sessions/contract";
import { type SpawnedAgent, createHookAgent } from "@sessions/hook-agent";
import { expect, onTestFinished } from "vitest";

import type { Service } from "../../../node/test/support/service.ts";
import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";
import { SessionCallbackHandler, type SessionCallbackHandlerOptions } from "../../src/main.ts";

type Details = Record<string, unknown>;
interface Session {
  readonly actions: (LogRecord & { details: Details })[];
  readonly responses: LogRecord[];
  readonly state: { agents: (SpawnedAgent & { agentId: string })[]; [member: string]: unknown };
  readonly metadata: { activity: Record<string, unknown> };
}

/** A handler with a session of its own. */
export function record(
  { url }: Pick<Service, "url">,
  options: SessionCallbackHandlerOptions = {},
  sessionId = `run-${crypto.randomUUID()}`,
) {
  const agent = createHookAgent({
    sessionId,
    serviceUrl: url,
    spoolDirectory: temporaryDirectory(),
    flushOnExit: false,
  });
  onTestFinished(async () => void (await agent.close({ timeoutMs: 0 })));
  const handler = new SessionCallbackHandler({ agent, ...options });
  return {
    agent,
    sessionId,
    callbacks: [handler],
    /** What the service has, once everything is there. */
    async read() {
      expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
      const response = await fetch(`${url}/api/sessions/${sessionId}?tail=1000`);
      const { actions, responses, state, metadata } = (await response.json()) as Session;
      const of = (type: string) =>
        actions.filter((action) => action.type === type).map(({ details }) => details);
      return { responses, state, activity: metadata.activity, nodes: of("node_run"), of };
    },
  };
}
