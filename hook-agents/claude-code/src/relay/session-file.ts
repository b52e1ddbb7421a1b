import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import type { SessionOptions } from "@sessions/hook-agent";
import type { KnownProcess } from "@sessions/hook-agent/process";

import type { Decision } from "../mapping/decisions.ts";
import { initialMappingState, type MappingState } from "../mapping/state.ts";
import type { TranscriptEntry } from "../mapping/usage.ts";
import type { Cursors } from "../transcripts/cursor.ts";
import type { Place } from "../transcripts/place.ts";
import type { Log } from "./log.ts";

/** Notes of another one are dropped; what was recorded with them is not. */
const notesVersion = 3;

/** What a relay must know of a Claude session to go on where an earlier one ended. */
export interface SessionNotes {
  readonly version: typeof notesVersion;
  readonly claudeSession: string;
  /** Of the session it is recorded as. */
  readonly sessionId: string;
  readonly parentSession?: string;
  /** What the session was created with. */
  session?: SessionOptions;
  mapping: MappingState;
  cursors: Cursors;
  /** The last hook whose records are spooled, by boot id of the relay that took it. */
  processed: Record<string, number>;
  transcriptPath?: string;
  /** Where the main transcript is kept; it stays when a restored session goes on in another folder. */
  place?: Place;
  /** Tokens that were read since the last hook that told them. */
  untold: TranscriptEntry[];
  /** The same for what hooks of the user's own decided. */
  decisions: Decision[];
  /** Of the hand-over that these notes came with. */
  handOver?: string;
  /** What is still to be told of it. */
  restored?: Record<string, unknown>;
  /** Of Claude. */
  process?: KnownProcess;
  /** Milliseconds since 1970. */
  lastHookAt: number;
}

export interface SessionFiles {
  /** @param boots of the relays whose hooks may still have to be recorded */
  load(boots: ReadonlySet<string>): SessionNotes[];
  save(notes: SessionNotes): void;
  close(): void;
}

const extension = ".json";
/** A session that has been over for a week starts from nothing when it is resumed. */
const keptMs = 7 * 86_400_000;

export const newNotes = (
  claudeSession: string,
  sessionId: string,
  parentSession?: string,
): SessionNotes => ({
  version: notesVersion,
  claudeSession,
  sessionId,
  ...(parentSession !== undefined && { parentSession }),
  mapping: initialMappingState(),
  cursors: {},
  untold: [],
  decisions: [],
  processed: {},
  lastHookAt: Date.now(),
});

export const notesFolderOf = (spoolDirectory: string) => join(spoolDirectory, "claude-sessions");

/** What the relays of this spool know of a Claude session. */
export const readNotes = (folder: string, claudeSession: string, log: Log) =>
  existsSync(pathIn(folder, claudeSession)) ? read(pathIn(folder, claudeSession), log) : undefined;

const pathIn = (folder: string, claudeSession: string) =>
  join(folder, `${claudeSession}${extension}`);

export function openSessionFiles(folder: string, log: Log): SessionFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const open = new Map<string, number>();

  return {
    load(boots) {
      const sessions: SessionNotes[] = [];
      for (const name of readdirSync(folder).filter((file) => file.endsWith(extension))) {
        const path = join(folder, name);
        const notes = read(path, log);
        if (!notes || notes.lastHookAt < Date.now() - keptMs) {
          rmSync(path, { force: true });
          continue;
        }
        const processed = Object.entries(notes.processed).filter(([boot]) => boots.has(boot));
        sessions.push({ ...notes, processed: Object.fromEntries(processed) });
      }
      return sessions;
    },
    save(notes) {
      try {
        const file =
          open.get(notes.claudeSession) ??
          openSync(
            pathIn(folder, notes.claudeSession),
            constants.O_CREAT | constants.O_WRONLY,
            0o600,
          );
        open.set(notes.claudeSession, file);
        // One write is whole or not there after a kill -9, and costs a hundredth of a rename; what an
        // earlier, longer note leaves behind the line feed is never read.
        writeSync(file, `${JSON.stringify(notes)}\n`, 0);
      } catch (error) {
        log.warn({ error, claudeSession: notes.claudeSession }, "session notes can't be written");
      }
    },
    close() {
      for (const file of open.values()) closeSync(file);
      open.clear();
    },
  };
}

function read(path: string, log: Log): SessionNotes | undefined {
  try {
    const text = readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
    const notes = JSON.parse(text) as SessionNotes;
    if (notes.version === notesVersion) return notes;
    log.warn({ path }, "session notes of another version dropped");
  } catch (error) {
    log.warn({ path, error }, "session notes can't be read and were dropped");
  }
  return undefined;
}
