import type { SessionOptions } from "@sessions/hook-agent";

import type { Config } from "../config.ts";
import type { Agents } from "./agents.ts";
import { findHandOver, type HandOver, removeHandOver } from "./hand-over.ts";
import type { Leases } from "./leases.ts";
import type { Log } from "./log.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { newNotes, type SessionFiles, type SessionNotes } from "./session-file.ts";

export interface ClaudeSessionsOptions {
  readonly config: Config;
  readonly agents: Agents;
  readonly leases: Leases;
  readonly files: SessionFiles;
  readonly log: Log;
}

/** The Claude sessions of this container, and what each is recorded as. */
export interface ClaudeSessions {
  /** Goes on with what earlier relays knew. @param boots whose hooks may still have to be recorded */
  load(boots: ReadonlySet<string>): void;
  /** @param begins the hook tells that a Claude process has begun */
  of(claudeSession: string, begins: boolean): Recorder;
  all(): readonly Recorder[];
  /** @returns those whose process has ended without a word, each once */
  beat(): string[];
  isAnyRunning(): boolean;
  /** Whether a hook may still come, as far as can be seen. */
  isLive(recorder: Recorder): boolean;
  readonly createdWith: (sessionId: string) => SessionOptions | undefined;
  /** The service has forgotten the session, or it is ours again: all of it goes there anew. */
  restart(sessionId: string): void;
  status(): object;
}

export function createClaudeSessions(options: ClaudeSessionsOptions): ClaudeSessions {
  const { config, agents, leases, files, log } = options;
  const recorders = new Map<string, Recorder>();
  const told = new Set<string>();

  function add(notes: SessionNotes, after?: Promise<void>): Recorder {
    const { sessionId, claudeSession } = notes;
    const lease = leases.of(sessionId);
    const { userId } = config;
    const more = after ? { after } : {};
    const recorder = createRecorder({ notes, agents, lease, files, userId, log, ...more });
    recorders.set(claudeSession, recorder);
    return recorder;
  }

  /**
   * SESSION_ID is held by one Claude session at a time. The next one has it when that has ended; one that
   * runs beside it is a session of its own with SESSION_ID as its parent.
   */
  function notesFor(claudeSession: string): SessionNotes {
    const { sessionId } = config;
    if (sessionId === undefined) return newNotes(claudeSession, claudeSession);
    const isHeld = [...recorders.values()].some(
      (recorder) => recorder.notes.sessionId === sessionId && isLive(recorder),
    );
    if (isHeld) return newNotes(claudeSession, claudeSession, sessionId);
    return newNotes(claudeSession, sessionId);
  }

  function isLive(recorder: Recorder): boolean {
    const life = recorder.life();
    return life === "unknown"
      ? Date.now() - recorder.notes.lastHookAt < config.idleMs
      : life === "running";
  }

  /** `restore` was here: its notes take the place of whatever was known. */
  function takeOver(claudeSession: string, { id, notes: given, epoch }: HandOver): Recorder {
    const before = recorders.get(claudeSession);
    if (before?.notes.handOver === id) return before;
    const processed = { ...before?.notes.processed, ...given.processed };
    const notes = { ...given, processed, handOver: id };
    if (leases.of(notes.sessionId).begin(epoch)) agents.renew(notes.sessionId);
    log.info({ claudeSession, sessionId: notes.sessionId, epoch }, "a restored session goes on");
    const saved = (before?.done() ?? Promise.resolve()).then(() => {
      files.save(notes);
      removeHandOver(config.spoolDirectory, claudeSession);
    });
    return add(notes, saved);
  }

  function restart(sessionId: string): void {
    agents.renew(sessionId);
    for (const recorder of recorders.values())
      if (recorder.notes.sessionId === sessionId) recorder.restart();
  }

  return {
    load(boots) {
      for (const notes of files.load(boots)) {
        add(notes);
        const { claudeSession, handOver } = notes;
        if (handOver === undefined) continue;
        if (findHandOver(config.spoolDirectory, claudeSession)?.id === handOver)
          removeHandOver(config.spoolDirectory, claudeSession);
      }
      const known = [...recorders.values()].map(({ notes }) => notes.sessionId);
      leases.keepOnly(new Set(known));
    },
    of(claudeSession, begins) {
      const handOver = findHandOver(config.spoolDirectory, claudeSession);
      if (handOver) return takeOver(claudeSession, handOver);
      const known = recorders.get(claudeSession);
      // Whoever begins anew has a claim of its own, which may be refused in its turn.
      if (known && begins && leases.of(known.notes.sessionId).begin())
        restart(known.notes.sessionId);
      return known ?? add(notesFor(claudeSession));
    },
    all: () => [...recorders.values()],
    beat() {
      const gone: string[] = [];
      for (const [claudeSession, recorder] of recorders) {
        recorder.beat();
        if (recorder.life() !== "gone") told.delete(claudeSession);
        else if (!told.has(claudeSession)) gone.push(claudeSession);
      }
      for (const claudeSession of gone) told.add(claudeSession);
      return gone;
    },
    isAnyRunning: () => [...recorders.values()].some((recorder) => recorder.life() === "running"),
    isLive,
    createdWith: (sessionId) =>
      [...recorders.values()].find(({ notes }) => notes.sessionId === sessionId)?.notes.session,
    restart,
    status: () =>
      Object.fromEntries(
        [...recorders].map(([id, recorder]) => [
          id,
          {
            sessionId: recorder.notes.sessionId,
            life: recorder.life(),
            lease: leases.of(recorder.notes.sessionId).status(),
            transcripts: Object.keys(recorder.notes.cursors).length,
            behindBytes: recorder.behind(),
          },
        ]),
      ),
  };
}
