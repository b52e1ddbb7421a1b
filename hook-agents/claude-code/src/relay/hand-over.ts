import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SessionNotes } from "./session-file.ts";

/** What `restore` leaves for the relay that records the Claude session next. */
export interface HandOver {
  /** Told once: notes that carry it have taken it over. */
  readonly id: string;
  readonly notes: SessionNotes;
  /** Of the session's lease. */
  readonly epoch?: number;
}

const folderOf = (spoolDirectory: string) => join(spoolDirectory, "restored");
const pathOf = (spoolDirectory: string, claudeSession: string) =>
  join(folderOf(spoolDirectory), `${claudeSession}.json`);

export function leaveHandOver(spoolDirectory: string, handOver: HandOver): void {
  const path = pathOf(spoolDirectory, handOver.notes.claudeSession);
  mkdirSync(folderOf(spoolDirectory), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.tmp`, JSON.stringify(handOver), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** @returns undefined when there is none, which costs one look at the disk */
export function findHandOver(spoolDirectory: string, claudeSession: string): HandOver | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(spoolDirectory, claudeSession), "utf8")) as HandOver;
  } catch {
    return undefined;
  }
}

export function removeHandOver(spoolDirectory: string, claudeSession: string): void {
  rmSync(pathOf(spoolDirectory, claudeSession), { force: true });
}
