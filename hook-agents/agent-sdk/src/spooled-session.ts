import type { HookAgent, Stats } from "@sessions/hook-agent";

import { type SessionKey, type SessionStoreEntry, SessionStoreError } from "./api.ts";
import type { EntryNames } from "./entry-names.ts";
import { inTime } from "./in-time.ts";
import { type Phase, phaseAfter } from "./phase.ts";

export interface SpooledSessionOptions {
  readonly sessionId: string;
  readonly agent: HookAgent;
  readonly names: EntryNames;
  /** Bytes of the agent's spool, and of what it keeps in memory while that can't be written. */
  readonly spoolBytes: number;
  readonly memoryBytes: number;
  /** Milliseconds that an append waits for room. */
  readonly timeoutMs: number;
  /** Why the service takes nothing for this session, and never will. */
  refusal(): string | undefined;
}

/** What is appended to one session's transcripts, on its way through the hook agent's spool. */
export interface SpooledSession {
  /** Resolves once every entry is spooled, in the order of the calls. */
  append(key: SessionKey, entries: readonly SessionStoreEntry[]): Promise<void>;
  /** Resolves once the service has decided on everything appended before; throws `unavailable` when not in time. */
  settle(timeoutMs: number): Promise<void>;
  /** Runs the task when everything appended before is settled, and lets no append in before it is over. */
  exclusively<T>(timeoutMs: number, task: () => Promise<T>): Promise<T>;
  /** Entries that the service had already. */
  duplicates(): number;
  isIdle(): boolean;
  /** @returns true when nothing is left to send */
  flush(timeoutMs: number, endsOnFailure: boolean): Promise<boolean>;
  close(): Promise<void>;
}

/** The service's limit of an entry, less what the command around it needs. */
const commandBytes = 4_096;
export const maxEntryBytes = 16_777_216 - commandBytes;
/** The same from every process: it happens once in a session's life. */
const restingId = "agent-sdk.resting";

export function createSpooledSession(options: SpooledSessionOptions): SpooledSession {
  const { sessionId, agent, names, spoolBytes } = options;
  const entryBytes = Math.min(maxEntryBytes, spoolBytes - commandBytes);
  let isRestTold = false;
  let toldPhase: Phase | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const inOrder = <T>(task: () => Promise<T>): Promise<T> => {
    waiting += 1;
    const result = last.then(task).finally(() => {
      waiting -= 1;
    });
    last = result.catch(() => {});
    return result;
  };

  const unavailable = (what: string) => {
    const reason = agent.stats().lastError ?? "the time is over";
    return new SessionStoreError("unavailable", `session ${sessionId}: ${what}: ${reason}`);
  };

  const waitUntil = async (isReached: (stats: Stats) => boolean, deadline: number) => {
    for (let stats = agent.stats(); !isReached(stats); stats = agent.stats()) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0)
        throw unavailable(
          stats.memoryBytes > 0 ? "the spool can't be written" : "the spool is full",
        );
      await agent.flush({ timeoutMs });
    }
  };

  /** Never asks the agent for more than it can take, which would make it give up older records. */
  const waitForRoom = (bytes: number, deadline: number): Promise<void> =>
    waitUntil(
      ({ queuedBytes, memoryBytes }) =>
        queuedBytes + bytes <= spoolBytes &&
        (memoryBytes === 0 || memoryBytes + bytes <= options.memoryBytes),
      deadline,
    );

  const tell = (phase: Phase | undefined) => {
    if (phase !== undefined && phase !== toldPhase) agent.updateState({ phase });
    // A session of which nothing else is known, a renamed one say, is not one that ought to give signs of life.
    else if (phase === undefined && !isRestTold)
      agent.updateState({ phase: "idle" }, { id: restingId });
    toldPhase = phase ?? toldPhase;
    isRestTold = true;
  };

  const spool = async (key: SessionKey, entries: readonly SessionStoreEntry[]) => {
    const refusal = options.refusal();
    if (refusal !== undefined) throw new SessionStoreError("refused", refusal);
    const sizes = entries.map((entry) => Buffer.byteLength(JSON.stringify(entry)));
    const deadline = performance.now() + options.timeoutMs;

    const named = names.name(key, entries);
    const { projectKey, subpath = null } = key;
    for (const [index, entry] of entries.entries()) {
      const bytes = sizes[index] ?? 0;
      if (bytes > entryBytes) continue;
      await waitForRoom(bytes + commandBytes, deadline);
      const id = named.ids[index];
      const { dropped } = agent.stats();
      agent.logEntry({ projectKey, subpath }, entry, id === undefined ? {} : { id });
      if (agent.stats().dropped > dropped) throw unavailable("an entry could not be spooled");
    }
    // What is only in memory would be lost with the process.
    await waitUntil(({ memoryBytes }) => memoryBytes === 0, deadline);
    named.keep();

    tell(key.subpath === undefined ? phaseAfter(entries) : undefined);
    const tooLarge = sizes.findIndex((bytes) => bytes > entryBytes);
    if (tooLarge < 0) return;
    const message = `entry ${tooLarge} has ${sizes[tooLarge]} bytes, the limit is ${entryBytes}; the others are stored`;
    throw new SessionStoreError("invalid", message);
  };

  const settle = async (timeoutMs: number) => {
    if (!(await agent.flush({ timeoutMs }))) throw unavailable("not everything could be sent");
  };

  return {
    append: (key, entries) => inOrder(() => spool(key, entries)),
    async settle(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      if (!(await inTime(last, timeoutMs))) throw unavailable("an append waits for room");
      await settle(Math.max(0, deadline - performance.now()));
    },
    exclusively: (timeoutMs, task) =>
      inOrder(async () => {
        await settle(timeoutMs);
        return task();
      }),
    duplicates: () => agent.stats().duplicates,
    isIdle: () => waiting === 0 && agent.stats().queued === 0,
    flush: (timeoutMs, endsOnFailure) => agent.flush({ timeoutMs, endsOnFailure }),
    close: async () => void (await agent.close({ timeoutMs: 0 })),
  };
}
