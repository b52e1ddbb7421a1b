import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import {
  createHookAgent,
  defaultSpoolDirectory,
  type HookAgentLog,
  listSpooledSessions,
} from "@sessions/hook-agent";

import { SessionStoreError, type SessionStoreOptions } from "./api.ts";
import type { EntryNames } from "./entry-names.ts";
import { inParallel } from "./in-parallel.ts";
import { createSpooledSession, maxEntryBytes, type SpooledSession } from "./spooled-session.ts";

/** The sessions that this process appends to, and those of which an ended one has left something. */
export interface SpooledSessions {
  of(sessionId: string): SpooledSession;
  /** Resolves once the service has what was appended to the session, here or by a process that is gone. */
  settle(sessionId: string, timeoutMs: number): Promise<void>;
  settleAll(timeoutMs: number): Promise<void>;
  /** @returns true when nothing is left to send */
  flush(timeoutMs: number, endsOnFailure?: boolean): Promise<boolean>;
  /** Lets go of those that have nothing left to send; they come back when they are asked for. */
  closeIdle(): Promise<void>;
  close(): Promise<void>;
}

const spoolBytes = 67_108_864;
/** Sessions without anything to send hold a socket and a file each. */
const openAtMost = 64;
const atOnce = 8;
/** Another container's process is known to be gone after 6 s of silence; its records are taken over within 2 s more. */
const undecidedMs = 8_500;
const lookEveryMs = 250;
const sessionRefusals = new Set(["session_exists", "session_id_case_conflict", "stale_epoch"]);

export function createSpooledSessions(
  options: SessionStoreOptions & { timeoutMs: number },
  names: EntryNames,
): SpooledSessions {
  const directory = options.spoolDirectory ?? defaultSpoolDirectory();
  const limits = { spoolBytes, memoryBytes: 2 * maxEntryBytes, ...options.limits };
  const sessions = new Map<string, SpooledSession>();

  const open = (sessionId: string): SpooledSession => {
    let refusal: string | undefined;
    const log: HookAgentLog = {
      warn(details, message) {
        const { code, detail } = details as { code?: string; detail?: string };
        if (sessionRefusals.has(code ?? "")) refusal = `session ${sessionId}: ${detail}`;
        if (options.log) options.log.warn(details, message);
        else process.emitWarning(`${message}: ${JSON.stringify(details)}`, "SessionStoreWarning");
      },
    };
    const agent = createHookAgent({
      sessionId,
      serviceUrl: options.serviceUrl,
      token: options.token,
      spoolDirectory: directory,
      session: {
        ...options.session,
        labels: { source: "agent-sdk", ...options.session?.labels },
      },
      log,
      limits,
      flushOnExit: false,
    });
    if (agent.sessionId === null)
      throw new SessionStoreError("unavailable", `session ${sessionId} can't be spooled`);
    const { timeoutMs } = options;
    return createSpooledSession({
      sessionId,
      agent,
      names,
      timeoutMs,
      spoolBytes: limits.spoolBytes,
      memoryBytes: limits.memoryBytes,
      refusal: () => refusal,
    });
  };

  const closeIdle = async (keep = 0, wanted?: string) => {
    // The longest unused come first; the wanted one is only about to be used.
    const idle = [...sessions].filter(([id, session]) => id !== wanted && session.isIdle());
    const surplus = idle.slice(0, Math.max(0, sessions.size - keep));
    for (const [sessionId] of surplus) sessions.delete(sessionId);
    await Promise.all(surplus.map(([, session]) => session.close()));
  };

  const of = (sessionId: string): SpooledSession => {
    const session = sessions.get(sessionId) ?? open(sessionId);
    sessions.delete(sessionId);
    sessions.set(sessionId, session);
    if (sessions.size > openAtMost) void closeIdle(openAtMost, sessionId);
    return session;
  };

  const closeIfIdle = async (sessionId: string) => {
    const session = sessions.get(sessionId);
    if (!session?.isIdle()) return;
    sessions.delete(sessionId);
    await session.close();
  };

  const settle = async (sessionId: string, timeoutMs: number) => {
    // Nothing was ever spooled here.
    if (!sessions.has(sessionId) && !existsSync(join(directory, sessionId))) return;
    const begin = performance.now();
    for (;;) {
      await of(sessionId).settle(Math.max(0, begin + timeoutMs - performance.now()));
      const isLeft = listSpooledSessions(directory).includes(sessionId);
      if (!isLeft || performance.now() > begin + Math.min(timeoutMs, undecidedMs)) return;
      await delay(lookEveryMs);
      // What others have left is taken over when an agent is opened.
      await closeIfIdle(sessionId);
    }
  };

  for (const sessionId of listSpooledSessions(directory).slice(0, openAtMost)) of(sessionId);

  return {
    of,
    settle,
    async settleAll(timeoutMs) {
      const open = [...sessions].filter(([, session]) => !session.isIdle()).map(([id]) => id);
      const waiting = new Set([...open, ...listSpooledSessions(directory)]);
      await inParallel([...waiting], atOnce, (sessionId) => settle(sessionId, timeoutMs));
    },
    async flush(timeoutMs, endsOnFailure = false) {
      const flushed = await Promise.all(
        [...sessions.values()].map((session) => session.flush(timeoutMs, endsOnFailure)),
      );
      return flushed.every(Boolean);
    },
    closeIdle: () => closeIdle(),
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
      sessions.clear();
    },
  };
}
