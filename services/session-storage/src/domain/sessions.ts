import { type SessionId, limits } from "@sessions/contract";
import { LRUCache } from "lru-cache";

import type { Journal, JournalEntry } from "../journal/journal.ts";
import { type Commit, commit } from "./commit.ts";
import type { DecideContext, SessionCommand } from "./decide.ts";
import { ServiceError } from "./errors.ts";
import { fold } from "./fold.ts";
import { type IdWindow, createIdWindow } from "./id-window.ts";
import type { Session } from "./session.ts";

/** Where sessions that are not in memory come from: the files. */
export interface SessionSource {
  has(sessionId: SessionId): boolean;
  /** Another session whose id differs only by case. */
  caseTwinOf(sessionId: SessionId): SessionId | undefined;
  load(sessionId: SessionId): Promise<Session>;
  /** The last one of that id in the trash, while it is kept. */
  loadDeleted(sessionId: SessionId): Promise<DeletedSession | undefined>;
  /** The last ids of a session with their offsets, oldest first. */
  loadIds(sessionId: SessionId): Promise<Iterable<readonly [id: string, offset: number]>>;
}

export interface DeletedSession {
  readonly session: Session;
  /** Positions of its deletion and of its creation. */
  readonly deletedAt: number;
  readonly created: number;
}

/** Something that follows the journal: the files, the catalog, the live feed. */
export interface Projection {
  /**
   * Durable events, each once and in order.
   * @param session after the event; undefined once deleted
   * @param before undefined when it begins with the event
   */
  apply(entry: JournalEntry, session: Session | undefined, before: Session | undefined): void;
}

export interface SessionsDependencies {
  journal: Journal;
  source: SessionSource;
  projections: readonly Projection[];
  /** ISO 8601. */
  now(): string;
  newId(): string;
  /** Undefined while there is room for more in memory; else resolves whether there is some now. */
  room(): Promise<boolean> | undefined;
  /** Sessions kept in memory while nobody writes to them. */
  cachedSessions?: number;
  /** Ids kept in memory for them, over all sessions. */
  cachedIds?: number;
}

export type ExecuteOptions = Partial<
  Pick<DecideContext, "reopen" | "isBatch" | "ifVersions" | "epoch">
>;

export interface Sessions {
  /** Resolves once every event that the commands led to is durable and applied; throws what refuses them. */
  execute(
    sessionId: SessionId,
    commands: readonly SessionCommand[],
    options?: ExecuteOptions,
  ): Promise<Commit>;
  /** Brings a deleted session back. Throws `session_not_found` when the trash has none, `session_exists` when there is one. */
  restore(sessionId: SessionId): Promise<Commit>;
  /** The session as it is on disk; throws `session_not_found`. */
  read(sessionId: SessionId): Promise<Session>;
}

interface Live {
  readonly sessionId: SessionId;
  /** What is on disk; all that is ever shown. */
  durable: Session | undefined;
  /** With what is on its way to the disk; what the next command is decided on. */
  current: Session | undefined;
  /** What it was when it was deleted, while it is brought back. */
  buried?: Session;
  /** Undefined until a command with an id asks for them. */
  ids: IdWindow | undefined;
  pins: number;
}

/** Commands in, durable events out: the only writer of the journal. */
export function createSessions(dependencies: SessionsDependencies): Sessions {
  const { journal, source, projections } = dependencies;
  const { cachedSessions = 10_000, cachedIds = 1_000_000 } = dependencies;
  // A pinned session is in `pinned` alone, so that it can't be evicted and loaded a second time.
  const pinned = new Map<SessionId, Live>();
  const idle = new LRUCache<SessionId, Live>({
    max: cachedSessions,
    maxSize: cachedIds,
    sizeCalculation: (live) => 1 + (live.ids?.size ?? 0),
  });
  const loads = new Map<string, Promise<unknown>>();
  // Not in the journal: a sign of life is not worth an event. After a start every owner gets its time anew.
  const leaseSeen = new Map<SessionId, string>();
  const startedAt = dependencies.now();

  function pin(live: Live): Live {
    live.pins += 1;
    idle.delete(live.sessionId);
    pinned.set(live.sessionId, live);
    return live;
  }

  function unpin(live: Live): void {
    live.pins -= 1;
    if (live.pins > 0) return;
    pinned.delete(live.sessionId);
    if (live.durable !== undefined) idle.set(live.sessionId, live);
  }

  function once<T>(key: string, load: () => Promise<T>): Promise<T> {
    const running = loads.get(key) as Promise<T> | undefined;
    if (running !== undefined) return running;
    const started = load().finally(() => loads.delete(key));
    loads.set(key, started);
    return started;
  }

  async function acquire(sessionId: SessionId): Promise<Live> {
    for (;;) {
      const held = pinned.get(sessionId) ?? idle.get(sessionId);
      if (held !== undefined) return pin(held);
      if (!source.has(sessionId)) {
        const ids = createIdWindow(limits.duplicateWindow);
        return pin({ sessionId, durable: undefined, current: undefined, ids, pins: 0 });
      }
      // Look again afterwards: another caller of the same load may have gone on with it already.
      await once(sessionId, async () => {
        const session = await source.load(sessionId);
        idle.set(sessionId, {
          sessionId,
          durable: session,
          current: session,
          ids: undefined,
          pins: 0,
        });
      });
    }
  }

  async function loadIds(live: Live): Promise<void> {
    while (live.ids === undefined) {
      await once(`${live.sessionId} ids`, async () => {
        const window = createIdWindow(limits.duplicateWindow);
        for (const [id, offset] of await source.loadIds(live.sessionId)) window.add(id, offset);
        live.ids = window;
      });
    }
  }

  function refuseCaseTwin(sessionId: SessionId): void {
    const lower = sessionId.toLowerCase();
    const twin =
      source.caseTwinOf(sessionId) ??
      [...pinned.values()].find(
        (live) =>
          live.current !== undefined &&
          live.sessionId !== sessionId &&
          live.sessionId.toLowerCase() === lower,
      )?.sessionId;
    if (twin === undefined) return;
    throw new ServiceError("session_id_case_conflict", `the session ${twin} differs only by case`);
  }

  /** Synchronous from the decision to the journal, so that commands are decided in journal order. */
  function submit(live: Live, commands: readonly SessionCommand[], options: ExecuteOptions) {
    const now = dependencies.now();
    const decided = commit(live.sessionId, live.current, commands, {
      reopen: false,
      isBatch: false,
      ...options,
      now,
      leaseSeenAt: leaseSeen.get(live.sessionId) ?? startedAt,
      newId: dependencies.newId,
      offsetOf: (id) => live.ids?.offsetOf(id),
    });
    if (live.current === undefined && decided.session !== undefined) refuseCaseTwin(live.sessionId);
    live.current = decided.session;
    if (decided.session === undefined) live.ids = createIdWindow(limits.duplicateWindow);
    for (const { id, offset } of decided.events) if (id !== undefined) live.ids?.add(id, offset);
    if (decided.session?.metadata.lease?.owner == null) leaseSeen.delete(live.sessionId);
    else if (options.epoch !== undefined || commands.some(({ type }) => type === "lease_acquired"))
      leaseSeen.set(live.sessionId, now);
    // Also when nothing is new: a repeated record is answered only once the first one is durable.
    return { decided, durable: journal.append(decided.events) };
  }

  journal.subscribe({
    applied(entries) {
      for (const entry of entries) {
        const live = pinned.get(entry.event.sessionId);
        const { event } = entry;
        const before = event.type === "session_restored" ? live?.buried : live?.durable;
        const session = fold(before, event);
        if (live !== undefined) live.durable = session;
        for (const projection of projections) projection.apply(entry, session, before);
      }
    },
    failed() {
      for (const live of pinned.values()) {
        live.current = live.durable;
        live.ids = undefined;
      }
    },
  });

  async function waitForRoom(): Promise<void> {
    if ((await dependencies.room()) !== false) return;
    const detail = "more is waiting to be written than may wait";
    throw new ServiceError("overloaded", detail, { retryAfterMs: 1_000 });
  }

  return {
    async execute(sessionId, commands, options = {}) {
      const live = await acquire(sessionId);
      try {
        await waitForRoom();
        if (commands.some(hasId)) await loadIds(live);
        const { decided, durable } = submit(live, commands, options);
        await durable;
        return decided;
      } finally {
        unpin(live);
      }
    },
    async restore(sessionId) {
      const live = await acquire(sessionId);
      try {
        await waitForRoom();
        const found = await source.loadDeleted(sessionId);
        if (live.current !== undefined)
          throw new ServiceError("session_exists", `there is a session ${sessionId}`);
        if (found === undefined)
          throw new ServiceError("session_not_found", `no session ${sessionId} in the trash`);
        refuseCaseTwin(sessionId);
        const { session, deletedAt, created } = found;
        live.current = session;
        live.buried = session;
        // Those of the deleted session are in its files.
        live.ids = undefined;
        const command = { type: "session_restored", deletedAt, created } as const;
        const { decided, durable } = submit(live, [command], {});
        await durable;
        return decided;
      } finally {
        unpin(live);
      }
    },
    async read(sessionId) {
      const live = await acquire(sessionId);
      try {
        if (live.durable !== undefined) return live.durable;
        throw new ServiceError("session_not_found", `no session ${sessionId}`);
      } finally {
        unpin(live);
      }
    },
  };
}

function hasId(command: SessionCommand): boolean {
  if (command.id !== undefined) return true;
  if (command.type === "transcript_entry") return command.data.entry["uuid"] !== undefined;
  return (
    (command.type === "action" || command.type === "response") && command.data.id !== undefined
  );
}
