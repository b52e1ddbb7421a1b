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
  readonly leaseEpoch: (sessionId: string) => number | undefined;
  readonly log: Log;
}

/** The hook agents, one for each session that is recorded. */
export interface Agents {
  of(sessionId: string, session?: SessionOptions): HookAgent;
  /** Whether the spool can take what is on disk elsewhere already. */
  hasRoom(sessionId: string): boolean;
  /** Sends again for a session of which everything was refused. */
  renew(sessionId: string): void;
  /** Sends what earlier relays left. @param sessionOf what a session was created with, when it is known */
  adopt(sessionOf: (sessionId: string) => SessionOptions | undefined): void;
  stats(): Record<string, ReturnType<HookAgent["stats"]>>;
  /** @returns true when nothing is left to send */
  flush(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Of one session's spool; the hook agent gives up records when it is full. */
const spoolBytes = 67_108_864;

export function createAgents(options: AgentsOptions): Agents {
  const { serviceUrl, token, spoolDirectory, leaseEpoch, log } = options;
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
        leaseEpoch: () => leaseEpoch(sessionId),
        limits: { spoolBytes },
        log,
        flushOnExit: false,
      });
    agents.set(sessionId, agent);
    return agent;
  }

  return {
    of,
    hasRoom: (sessionId) => of(sessionId).stats().queuedBytes < spoolBytes / 2,
    renew(sessionId) {
      void agents.get(sessionId)?.close({ timeoutMs: 0 });
      agents.delete(sessionId);
    },
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
