import type { Logger } from "pino";

import type { Projection } from "../domain/sessions.ts";
import type { Journal } from "../journal/journal.ts";
import { writeCatalogFile } from "./catalog-file.ts";
import type { Catalog } from "./catalog.ts";
import type { Layout } from "./layout.ts";
import type { SessionFiles } from "./session-files.ts";

export interface Checkpoints extends Projection {
  /** Up to here all files are on disk; a start replays the journal from here. */
  position(): number;
  /** Makes one now; calls while one is being made share the next. */
  make(): Promise<void>;
  close(): Promise<void>;
}

export interface CheckpointsDependencies {
  layout: Layout;
  journal: Journal;
  catalog: Catalog;
  files: SessionFiles;
  log: Pick<Logger, "warn">;
  /** The position of the last one. */
  position: number;
  intervalMs?: number;
}

/** A start replays what came after the last checkpoint; so much of it takes less than a second. */
const maxEventsBehind = 40_000;
const maxBytesBehind = 25_165_824;
/** A checkpoint writes a row for every session: it should not cost more than what it saves. */
const eventsPerRow = 10;

export function createCheckpoints(dependencies: CheckpointsDependencies): Checkpoints {
  const { layout, journal, catalog, files, log, intervalMs = 15_000 } = dependencies;
  let { position } = dependencies;
  let eventsBehind = 0;
  let bytesBehind = 0;
  let running: Promise<void> = Promise.resolve();
  let isDue = false;
  const timer = setInterval(() => {
    if (journal.status().position > position) make().catch(warn);
  }, intervalMs).unref();

  function warn(error: unknown): void {
    log.warn({ err: error }, "checkpoint failed; the journal keeps what it would have covered");
  }

  async function run(): Promise<void> {
    isDue = false;
    // Both before the first await: the rows then say exactly what the journal said at `upTo`.
    const upTo = journal.status().position;
    const rows = catalog.rows();
    eventsBehind = 0;
    bytesBehind = 0;
    await files.checkpoint();
    await writeCatalogFile(layout.catalog, { position: upTo, rows });
    position = upTo;
    await journal.trim(upTo);
  }

  function make(): Promise<void> {
    if (isDue) return running;
    isDue = true;
    running = running.catch(() => {}).then(run);
    return running;
  }

  return {
    apply({ event }) {
      eventsBehind += 1;
      bytesBehind += event.json.length;
      const isFarBehind = eventsBehind >= maxEventsBehind || bytesBehind >= maxBytesBehind;
      if (!isFarBehind || isDue || eventsBehind < catalog.size * eventsPerRow) return;
      make().catch(warn);
    },
    position: () => position,
    make,
    async close() {
      clearInterval(timer);
      await make();
    },
  };
}
