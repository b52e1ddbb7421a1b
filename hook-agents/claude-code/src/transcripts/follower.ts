import { open, readFile, stat } from "node:fs/promises";

import type { Decision } from "../mapping/decisions.ts";
import type { TranscriptEntry } from "../mapping/usage.ts";
import {
  type Cursor,
  type Cursors,
  newCursor,
  startAnew,
  startAnewIfRewritten,
  tailBefore,
} from "./cursor.ts";
import { decisionIn } from "./hook-decision.ts";
import { countIn, hashOf, nextLineId, noteId } from "./line-id.ts";
import { parseEntry } from "./parse-entry.ts";
import type { Place } from "./place.ts";
import { readLines } from "./read-lines.ts";
import { agentIdOf, filesBelow } from "./session-folder.ts";
import { spokenIn } from "./usage-of.ts";

/** What was new. */
export interface Reading {
  entries: TranscriptEntry[];
  /** What the main agent said, and what subagents did. */
  texts: string[];
  agentTexts: string[];
  /** What hooks of the user's own decided. */
  decisions: Decision[];
  /** A cursor has moved. */
  hasNews: boolean;
}

export interface FollowerOptions {
  /** Moved by reading. */
  readonly cursors: Cursors;
  /** Asked for each line; what may not go now is read again when it may. */
  readonly canShip: () => boolean;
  /** @param name of the transcript below the main one. @returns undefined when the service can't keep it */
  readonly placeOf: (name: string) => Place | undefined;
  readonly ship: (place: Place, entry: Record<string, unknown>, id: string | undefined) => void;
}

/**
 * Reads what the CLI writes about one session: its main transcript, those of its subagents and the notes beside
 * them. Each line is read once, for its tokens and to be shipped, unless it may not be shipped yet.
 * Calls must not overlap.
 */
export interface Follower {
  /** @param path of the main transcript */
  read(path: string, scope: "main" | "all"): Promise<Reading>;
  /** Bytes that were read and not shipped, at least one when anything waits. */
  behind(): number;
  /** Ships everything again. */
  restart(): void;
}

/** Milliseconds for which lines are parsed and spooled without a pause; hooks are answered in between. */
const sliceMs = 3;

export function createFollower({ cursors, canShip, placeOf, ship }: FollowerOptions): Follower {
  /** What each file was when it was last read, and whether all of it could be shipped. */
  const seen = new Map<string, { state: string; isShipped: boolean }>();
  const waitingNotes = new Set<string>();
  const isDone = (path: string, state: string) => {
    const last = seen.get(path);
    return last?.state === state && (last.isShipped || !canShip());
  };

  async function readTranscript(name: string, path: string, reading: Reading): Promise<void> {
    const state = await stateOf(path);
    if (state === undefined || isDone(path, state)) return;
    const file = await open(path).catch(() => undefined);
    if (!file) return;
    try {
      const { size } = await file.stat();
      const cursor = (cursors[name] ??= newCursor());
      const place = placeOf(name);
      await startAnewIfRewritten(cursor, file, size);
      let ships = canShip();
      let pausedAt = performance.now();
      const start = ships ? cursor.shipped : cursor.counted;
      for await (const { text, end } of readLines(file, start, size)) {
        ships &&= canShip();
        const entry = takeLine(name, cursor, text, end, reading);
        if (ships) {
          if (entry && place) ship(place, entry, nextLineId(cursor.anchor, place, entry));
          cursor.shipped = end;
        }
        if (performance.now() - pausedAt < sliceMs) continue;
        await new Promise(setImmediate);
        pausedAt = performance.now();
      }
      cursor.tail = await tailBefore(file, cursor.shipped);
      seen.set(path, { state, isShipped: ships });
    } finally {
      await file.close();
    }
  }

  function takeLine(name: string, cursor: Cursor, text: string, end: number, reading: Reading) {
    reading.hasNews = true;
    const entry = parseEntry(text);
    if (end <= cursor.counted) return entry;
    cursor.counted = end;
    const agentId = agentIdOf(name);
    if (!entry || (name !== "" && agentId === undefined)) return entry;
    const decision = decisionIn(entry, agentId);
    if (decision) reading.decisions.push(decision);
    const spoken = spokenIn(entry, agentId);
    if (!spoken) return entry;
    reading.entries.push(spoken.usage);
    (agentId === undefined ? reading.texts : reading.agentTexts).push(spoken.text);
    return entry;
  }

  async function readNote(name: string, path: string, reading: Reading): Promise<void> {
    const place = placeOf(name);
    const state = await stateOf(path);
    if (!place || state === undefined || isDone(path, state)) return;
    const note = parseEntry(await readFile(path, "utf8").catch(() => ""));
    // Being written: its next state is looked at.
    if (!note) return;
    const entry = { type: "agent_metadata", ...note };
    const text = JSON.stringify(entry);
    const cursor = (cursors[name] ??= newCursor());
    const isNew = cursor.note !== hashOf(text);
    const isShipped = !isNew || canShip();
    seen.set(path, { state, isShipped });
    if (!isShipped) return void waitingNotes.add(path);
    waitingNotes.delete(path);
    if (!isNew) return;
    cursor.note = hashOf(text);
    ship(place, entry, noteId(place, countIn(cursor.notes, text), text));
    reading.hasNews = true;
  }

  return {
    async read(path, scope) {
      const reading: Reading = {
        entries: [],
        texts: [],
        agentTexts: [],
        decisions: [],
        hasNews: false,
      };
      await readTranscript("", path, reading);
      if (scope === "main") return reading;
      for (const { name, path: below, kind } of await filesBelow(path))
        await (kind === "note" ? readNote : readTranscript)(name, below, reading);
      return reading;
    },
    behind: () =>
      Object.values(cursors).reduce(
        (bytes, { counted, shipped }) => bytes + Math.max(0, counted - shipped),
        waitingNotes.size,
      ),
    restart() {
      seen.clear();
      for (const cursor of Object.values(cursors)) {
        startAnew(cursor);
        // The same note again is not a new one.
        const times = cursor.notes[cursor.note];
        if (times !== undefined) cursor.notes[cursor.note] = times - 1;
        cursor.note = "";
      }
    },
  };
}

async function stateOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.size} ${found.mtimeMs}`;
}
