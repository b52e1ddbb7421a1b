import { hostname } from "node:os";

import type { SessionId } from "@sessions/contract";
import type { Logged } from "@sessions/hook-agent";
import { findProcess, lifeOf } from "@sessions/hook-agent/process";

import { map, processGone } from "../mapping/map.ts";
import { type HookPayload, textOf } from "../mapping/payload.ts";
import type { Agents } from "./agents.ts";
import type { Arrival } from "./inbox.ts";
import { type Lease, watchRefusal } from "./lease.ts";
import type { Log } from "./log.ts";
import type { SessionFiles, SessionNotes } from "./session-file.ts";
import { ship } from "./ship.ts";
import { createTranscripts } from "./transcripts.ts";

/** Records one Claude session: its hooks and transcripts, one thing after another. */
export interface Recorder {
  readonly notes: SessionNotes;
  /** Resolves once the hook's records are spooled; never rejects. */
  take(arrival: Arrival, payload: HookPayload): Promise<void>;
  /** Ships what is new in the transcripts; never rejects. */
  follow(): Promise<void>;
  /** Resolves when nothing is being recorded. */
  done(): Promise<void>;
  /** `gone`: its process ended without a word. `unknown`: its process can't be seen from here. */
  life(): "running" | "gone" | "unknown" | "ended";
  /** Over, and everything of it is in the spool. */
  isSettled(): boolean;
  /** Bytes of its transcripts that wait to be shipped. */
  behind(): number;
  /** Ships its transcripts from their beginning. */
  restart(): void;
  /** Says that the session lives, when nothing else has said so for a while. */
  beat(): void;
}

export interface RecorderOptions {
  readonly notes: SessionNotes;
  readonly agents: Agents;
  readonly lease: Lease;
  readonly files: SessionFiles;
  readonly userId: string | undefined;
  /** What has to be over before the first hook: whatever recorded the same Claude session before. */
  readonly after?: Promise<void>;
  readonly log: Log;
}

/** Milliseconds between two signs of life: in a turn, and while nothing happens, because each is an event. */
const beatMs = { turn: 30_000, quiet: 300_000 };
/** The CLI writes its last lines before it ends; where its end can't be seen they have so long. */
const lastLinesMs = 2_000;

export function createRecorder(options: RecorderOptions): Recorder {
  const { notes, agents, lease, files, userId, log } = options;
  const transcripts = createTranscripts({ notes, agents, lease, log });
  let last = options.after ?? Promise.resolve();
  let following: Promise<void> | undefined;
  let isSettled = false;
  /** Hooks so far. */
  let taken = 0;
  let recordedAt = Date.now();
  const surroundings = {
    host: hostname(),
    ...(userId !== undefined && { userId }),
    ...(notes.parentSession !== undefined && { parentSession: notes.parentSession as SessionId }),
  };

  async function record(arrival: Arrival, payload: HookPayload): Promise<void> {
    const { boot, seq, at } = arrival;
    if (seq <= (notes.processed[boot] ?? 0)) return;
    notes.lastHookAt = Date.parse(at);
    notes.transcriptPath = textOf(payload, "transcript_path") ?? notes.transcriptPath ?? "";
    const found = await transcripts.look(payload);
    const { restored } = notes;
    const { state, commands } = map(
      notes.mapping,
      { payload, boot, seq, at, ...found, ...(restored && { restored }) },
      surroundings,
    );
    const created = commands.find((command) => command.type === "session_created");
    if (created) notes.session = created.data;
    const agent = agents.of(notes.sessionId, notes.session);
    let logged: Logged | undefined;
    for (const command of commands) logged = ship(agent, command) ?? logged;
    if (logged) watchRefusal(logged, lease);
    if (commands.length > 0) recordedAt = Date.now();
    notes.mapping = state;
    delete notes.restored;
  }

  /** Nothing overlaps: the notes are whole whenever they are saved. */
  function inTurn(task: () => Promise<void>, what: object): Promise<void> {
    const { claudeSession } = notes;
    last = last.then(task).catch((error: unknown) => {
      log.warn({ error, claudeSession, ...what }, "something could not be recorded");
    });
    return last;
  }

  async function readOn(): Promise<void> {
    const before = taken;
    const isOver = life() === "ended" && isQuiet();
    const hasNews = await transcripts.follow();
    if (hasNews) files.save(notes);
    isSettled = isOver && !hasNews && transcripts.behind() === 0 && taken === before;
  }
  function isQuiet(): boolean {
    if (notes.process && lifeOf(notes.process) !== "unknown")
      return lifeOf(notes.process) === "gone";
    return Date.now() - notes.lastHookAt >= lastLinesMs;
  }

  const life: Recorder["life"] = () => {
    if (notes.mapping.endReason !== undefined) return "ended";
    if (!notes.process) return "unknown";
    // One of another container ended with that: a spool has one relay at a time.
    return lifeOf(notes.process) === "alive" ? "running" : "gone";
  };

  return {
    notes,
    life,
    take(arrival, payload) {
      isSettled = false;
      taken += 1;
      // Before anything waits: by the time this hook is recorded the process may have ended.
      const process = arrival.pid === undefined ? undefined : findProcess(arrival.pid);
      if (process) notes.process = process;
      const { hook_event_name: hook } = payload;
      void inTurn(() => record(arrival, payload), { hook });
      return inTurn(
        async () => {
          // An earlier relay's hooks come again, also those that it had recorded.
          const before = notes.processed[arrival.boot] ?? 0;
          if (arrival.seq <= before) return;
          notes.processed[arrival.boot] = arrival.seq;
          files.save(notes);
        },
        { hook },
      );
    },
    follow() {
      following ??= inTurn(readOn, {}).finally(() => {
        following = undefined;
      });
      return following;
    },
    done: () => last,
    isSettled: () => isSettled,
    behind: transcripts.behind,
    restart() {
      isSettled = false;
      void inTurn(async () => transcripts.restart(), {});
    },
    beat() {
      if (!notes.mapping.isCreated || life() !== "running") return;
      const everyMs = notes.mapping.turn === "open" ? beatMs.turn : beatMs.quiet;
      if (Date.now() - recordedAt < everyMs) return;
      recordedAt = Date.now();
      const heartbeatAt = new Date().toISOString();
      agents.of(notes.sessionId, notes.session).updateState({ heartbeatAt });
    },
  };
}

/** What the relay tells itself when a Claude process is gone. */
export const processGonePayload = (claudeSession: string): Buffer =>
  Buffer.from(JSON.stringify({ session_id: claudeSession, hook_event_name: processGone }));
