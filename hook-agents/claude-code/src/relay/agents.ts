import {
  createHookAgent,
  type HookAgent,
  listSpooledSessions,
  type SessionOptions,
} from "@sessions/hook-agent";

import type { Log } from "./log.ts";

export interface AgentsOptions {
  readonly serviceUrl: string;
  readonly token: string | undefined;
  /** Of the hook agents' spools. */
  readonly spoolDirectory: string;
  readonly log: Log;
}

/** The hook agents, one for each session that is recorded. */
export interface Agents {
  of(sessionId: string, session?: SessionOptions): HookAgent;
  /** Sends what earlier relays left. @param sessionOf what a session was created with, when it is known */
  adopt(sessionOf: (sessionId: string) => SessionOptions | undefined): void;
  stats(): Record<string, ReturnType<HookAgent["stats"]>>;
  /** @returns true when nothing is left to send */
  flush(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export function createAgents({ serviceUrl, token, spoolDirectory, log }: AgentsOptions): Agents {
  const agents = new Map<string, HookAgent>();

  function of(sessionId: string, session?: SessionOptions): HookAgent {
    const agent =
      agents.get(sessionId) ??
      createHookAgent({
        sessionId,
        serviceUrl,
        token: token ?? "",
        spoolDirectory,
        session: session ?? {},
        log,
        flushOnExit: false,
      });
    agents.set(sessionId, agent);
    return agent;
  }

  return {
    of,
    adopt(sessionOf) {
      for (const sessionId of listSpooledSessions(spoolDirectory))
        of(sessionId, sessionOf(sessionId));
    },
    stats: () => Object.fromEntries([...agents].map(([id, agent]) => [id, agent.stats()])),
    async flush(timeoutMs) {
      const flushed = await Promise.all(
        [...agents.values()].map((agent) => agent.flush({ timeoutMs })),
      );
      return flushed.every(Boolean);
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close({ timeoutMs: 0 })));
    },
  };
}
