import { join } from "node:path";

import { isObject, listOf, textOf } from "../mapping/payload.ts";
import type { ServiceClient } from "../service-client.ts";
import { type Cursors, newCursor } from "../transcripts/cursor.ts";
import { createFollower } from "../transcripts/follower.ts";
import { type Place, placeBelow } from "../transcripts/place.ts";
import {
  filesBelow,
  noteEnd,
  sessionFolderOf,
  transcriptEnd,
} from "../transcripts/session-folder.ts";
import type { FoundTranscripts } from "./find.ts";
import { type Merged, mergeTranscript } from "./merge.ts";
import { placeNote } from "./place-note.ts";
import type { ToldByTranscripts } from "./seed.ts";
import { createUpload } from "./upload.ts";

export interface RestoreFilesOptions {
  readonly client: ServiceClient;
  readonly sessionId: string;
  readonly found: FoundTranscripts;
  /** Of the main transcript on this machine. */
  readonly path: string;
  /** Sends what stands here and the service lacks. */
  readonly sends?: { readonly epoch: number | undefined };
}

export interface Restored {
  readonly transcripts: readonly (Omit<Merged, "notes"> & { name: string; path: string })[];
  /** Behind everything that was restored: the relay goes on from there. */
  readonly cursors: Cursors;
  readonly told: ToldByTranscripts;
}

export async function restoreFiles(options: RestoreFilesOptions): Promise<Restored> {
  const { client, sessionId, found, path, sends } = options;
  const upload = sends && createUpload(client, sessionId, sends.epoch);
  const folder = sessionFolderOf(path);
  const transcripts: Restored["transcripts"][number][] = [];
  /** Transcripts with a note that the service has never seen. */
  const unsent: string[] = [];

  async function merge(name: string, lines: AsyncIterable<string>): Promise<void> {
    const place = placeBelow(found.main, name);
    if (!place) return;
    const file = name === "" ? path : join(folder, `${name}${transcriptEnd}`);
    const onOwn = async (entry: Record<string, unknown>, id: string | undefined) =>
      upload?.add(place, entry, id);
    const { notes, ...merged } = await mergeTranscript({ path: file, place, lines, onOwn });
    transcripts.push({ name, path: file, ...merged });
    if (await placeNote(join(folder, `${name}${noteEnd}`), notes)) unsent.push(name);
  }

  for (const name of found.names) {
    const place = placeBelow(found.main, name);
    if (place) await merge(name, client.lines(entriesPath(sessionId, place)));
  }
  if (found.names.length > 0)
    for (const { name, kind } of await filesBelow(path))
      if (kind === "transcript" && !found.names.includes(name)) await merge(name, nothing());
  await upload?.end();

  const { cursors, told } = await readAll(path, found);
  // The relay sends them.
  for (const name of unsent) cursors[name] = { ...(cursors[name] ?? newCursor()), note: "" };
  return { transcripts, cursors, told };
}

/** As the relay would have read them, had it been there. */
async function readAll(path: string, { main }: FoundTranscripts) {
  const inputs = new Map<string, unknown>();
  const cursors: Cursors = {};
  const follower = createFollower({
    cursors,
    canShip: () => true,
    placeOf: (name) => placeBelow(main, name),
    ship(_place, entry) {
      for (const block of listOf(entry["message"], "content")) {
        const id = textOf(block, "id");
        if (id !== undefined && isObject(block) && block["type"] === "tool_use")
          inputs.set(id, block["input"]);
        // Only calls without a result can have been running.
        inputs.delete(textOf(block, "tool_use_id") ?? "");
      }
    },
  });
  const { entries } = await follower.read(path, "all");
  return { cursors, told: { usage: entries, inputs } };
}

const entriesPath = (sessionId: string, { projectKey, subpath }: Place) =>
  `/v1/store/${projectKey}/sessions/${encodeURIComponent(sessionId)}/entries${
    subpath === null ? "" : `?subpath=${encodeURIComponent(subpath)}`
  }`;

// An answer without a line.
async function* nothing(): AsyncGenerator<string> {}
