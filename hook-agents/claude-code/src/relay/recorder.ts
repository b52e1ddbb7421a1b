import { hostname } from "node:os";

import type { SessionId } from "@sessions/contract";
import { findProcess, lifeOf } from "@sessions/hook-agent/process";

import { map, processGone } from "../mapping/map.ts";
import { type HookPayload, textOf } from "../mapping/payload.ts";
import type { Agents } from "./agents.ts";
import type { Arrival } from "./inbox.ts";
import type { Log } from "./log.ts";
import { look } from "./look.ts";
import type { SessionFiles, SessionNotes } from "./session-file.ts";
import { ship } from "./ship.ts";

/** Records one Claude session: its hooks one after another. */
export interface Recorder {
  readonly notes: SessionNotes;
  /** Resolves once the hook's records are spooled; never rejects. */
  take(arrival: Arrival, payload: HookPayload): Promise<void>;
  /** `gone`: its process ended without a word. `unknown`: its process can't be seen from here. */
  life(): "running" | "gone" | "unknown" | "ended";
  /** Says that the session lives, when nothing else has said so for a while. */
  beat(): void;
}

export interface RecorderOptions {
  readonly notes: SessionNotes;
  readonly agents: Agents;
  readonly files: SessionFiles;
  readonly userId: string | undefined;
  readonly log: Log;
}

/** Milliseconds between two signs of life: in a turn, and while nothing happens, because each is an event. */
const beatMs = { turn: 30_000, quiet: 300_000 };

export function createRecorder({ notes, agents, files, userId, log }: RecorderOptions): Recorder {
  let last = Promise.resolve();
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
    const found = await look(payload, notes.transcriptPath || undefined, notes.cursors);
    const { state, commands } = map(
      notes.mapping,
      { payload, boot, seq, at, ...found },
      surroundings,
    );
    const created = commands.find((command) => command.type === "session_created");
    if (created) notes.session = created.data;
    const agent = agents.of(notes.sessionId, notes.session);
    for (const command of commands) ship(agent, command);
    if (commands.length > 0) recordedAt = Date.now();
    notes.mapping = state;
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
      // Before anything waits: by the time this hook is recorded the process may have ended.
      const process = arrival.pid === undefined ? undefined : findProcess(arrival.pid);
      if (process) notes.process = process;
      last = last
        .then(() => record(arrival, payload))
        .catch((error: unknown) => {
          const { session_id: claudeSession, hook_event_name: hook } = payload;
          log.warn({ error, claudeSession, hook }, "a hook could not be recorded");
        })
        .then(() => {
          // An earlier relay's hooks come again, also those that it had recorded.
          const before = notes.processed[arrival.boot] ?? 0;
          if (arrival.seq <= before) return;
          notes.processed[arrival.boot] = arrival.seq;
          files.save(notes);
        });
      return last;
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
