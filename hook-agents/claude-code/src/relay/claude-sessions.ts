import type { SessionOptions } from "@sessions/hook-agent";

import type { Config } from "../config.ts";
import type { Agents } from "./agents.ts";
import type { Log } from "./log.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { newNotes, type SessionFiles, type SessionNotes } from "./session-file.ts";

export interface ClaudeSessionsOptions {
  readonly config: Config;
  readonly agents: Agents;
  readonly files: SessionFiles;
  readonly log: Log;
}

/** The Claude sessions of this container, and what each is recorded as. */
export interface ClaudeSessions {
  /** Goes on with what earlier relays knew. @param boots whose hooks may still have to be recorded */
  load(boots: ReadonlySet<string>): void;
  of(claudeSession: string): Recorder;
  /** @returns those whose process has ended without a word, each once */
  beat(): string[];
  isAnyRunning(): boolean;
  readonly createdWith: (sessionId: string) => SessionOptions | undefined;
  status(): object;
}

export function createClaudeSessions(options: ClaudeSessionsOptions): ClaudeSessions {
  const { config, agents, files, log } = options;
  const recorders = new Map<string, Recorder>();
  const told = new Set<string>();

  function add(notes: SessionNotes): Recorder {
    const recorder = createRecorder({ notes, agents, files, userId: config.userId, log });
    recorders.set(notes.claudeSession, recorder);
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

  return {
    load(boots) {
      for (const notes of files.load(boots)) add(notes);
    },
    of: (claudeSession) => recorders.get(claudeSession) ?? add(notesFor(claudeSession)),
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
    createdWith: (sessionId) =>
      [...recorders.values()].find(({ notes }) => notes.sessionId === sessionId)?.notes.session,
    status: () =>
      Object.fromEntries(
        [...recorders].map(([id, recorder]) => [
          id,
          { sessionId: recorder.notes.sessionId, life: recorder.life() },
        ]),
      ),
  };
}
