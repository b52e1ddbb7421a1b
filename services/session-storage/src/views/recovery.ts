import { type SessionId, sessionIdSchema } from "@sessions/contract";
import type { Logger } from "pino";

import { commonLogs } from "../domain/session.ts";
import { listDirectory } from "../files/write.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { CatalogSnapshot } from "./catalog-file.ts";
import type { Catalog, CatalogRow } from "./catalog.ts";
import { inParallel } from "./in-parallel.ts";
import type { Layout } from "./layout.ts";
import type { LogReader } from "./log-reader.ts";
import { type SessionPositions, createReplay } from "./replay.ts";
import type { SessionFiles } from "./session-files.ts";
import type { SessionLoader } from "./session-loader.ts";
import { listTranscriptFiles } from "./transcript-files.ts";

export interface RecoveryDependencies {
  layout: Layout;
  journal: Journal;
  catalog: Catalog;
  files: SessionFiles;
  loader: SessionLoader;
  reader: LogReader;
  /** Of the last checkpoint; undefined when there is none that can be trusted. */
  snapshot: CatalogSnapshot | undefined;
  log: Pick<Logger, "info" | "warn">;
}

/**
 * Brings files and catalog up to the journal. First every line that a crash kept out of the files is
 * added to them, then each session that this touched is folded anew from its files; so nothing is
 * applied twice, however often this is interrupted and begun again.
 */
export async function recover(dependencies: RecoveryDependencies): Promise<void> {
  const { layout, journal, catalog, files, loader, reader, snapshot, log } = dependencies;
  for (const row of snapshot?.rows ?? []) catalog.put(row);

  const replay = createReplay({
    layout,
    log,
    soundOffset: (sessionId, created) => {
      const row = catalog.get(sessionId);
      return row?.created === created ? row.metadata.offset : 0;
    },
    coversAll: snapshot !== undefined || journal.status().earliest === 1,
    earliest: journal.status().earliest,
  });
  let replayed = 0;
  for await (const entries of inWindows(journal.read(snapshot?.position ?? 0))) {
    replayed += entries.length;
    await replay.prepare(entries);
    for (const entry of entries) await replay.apply(entry);
  }
  const touched: Map<SessionId, SessionPositions | undefined> = await replay.finish();
  if (snapshot === undefined)
    for (const sessionId of await allFolders())
      if (!touched.has(sessionId)) touched.set(sessionId, undefined);

  const rows: CatalogRow[] = [];
  await inParallel(touched, async ([sessionId, positions]) => {
    const session = await loader.load(sessionId);
    catalog.remove(sessionId);
    if (session.metadata.offset === 0) return;
    files.adopt(session);
    const { metadata, transcripts } = session;
    rows.push({ metadata, transcripts, ...(positions ?? (await positionsOf(sessionId))) });
  });
  for (const row of rows.sort((a, b) => a.active - b.active)) catalog.put(row);
  log.info({ sessions: catalog.size, replayed, touched: touched.size }, "recovered");

  async function allFolders(): Promise<SessionId[]> {
    const names = await listDirectory(layout.sessions);
    return names.flatMap((name) => sessionIdSchema.safeParse(name).data ?? []);
  }

  async function positionsOf(sessionId: SessionId): Promise<SessionPositions> {
    let active = 0;
    for (const file of [...commonLogs, ...(await listTranscriptFiles(layout, sessionId))])
      for await (const [last] of reader.tail(sessionId, file, { count: 1 }))
        active = Math.max(active, last?.position ?? 0);
    return { created: await reader.createdAt(sessionId), active };
  }
}

/** Entries that are looked at together. */
const windowLength = 1_000;

async function* inWindows(entries: AsyncIterable<JournalEntry>): AsyncGenerator<JournalEntry[]> {
  let window: JournalEntry[] = [];
  for await (const entry of entries) {
    window.push(entry);
    if (window.length < windowLength) continue;
    yield window;
    window = [];
  }
  yield window;
}
