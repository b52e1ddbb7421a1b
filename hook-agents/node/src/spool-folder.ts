import { readdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";

import { type KnownProcess, type Life, lifeOf, thisProcess } from "./process.ts";
import { newStamp, stampOf } from "./spool.ts";

/** How often a process says that it is there, and how long after the last time it counts as gone. */
export const touchEveryMs = 2_000;
const goneAfterMs = 3 * touchEveryMs;

/** `<stamp>.<pid>.<start ticks>.<realm>`: who owns a spool is said by its folder's name alone. */
export function newSpoolFolder(sessionFolder: string): string {
  return join(sessionFolder, folderName(newStamp(), thisProcess()));
}

export interface Claim {
  /** Folders that are ours now, oldest first. */
  readonly folders: string[];
  /** There are others whose owner may yet turn out to be gone. */
  readonly undecided: boolean;
}

/** Takes over what processes that are gone have left of this session. */
export function claimSpoolFolders(sessionFolder: string): Claim {
  const self = thisProcess();
  const folders: string[] = [];
  let undecided = false;
  for (const name of listSpools(sessionFolder)) {
    const life = lifeOfFolder(join(sessionFolder, name), self);
    if (life === "unknown") undecided = true;
    if (life !== "gone") continue;
    const claimed = join(sessionFolder, folderName(stampOf(name), self));
    if (takes(join(sessionFolder, name), claimed)) folders.push(claimed);
  }
  return { folders, undecided };
}

/**
 * The sessions of which a process that is gone, or may be gone, has left records.
 * `createHookAgent({ sessionId, spoolDirectory })` takes them over.
 */
export function listSpooledSessions(spoolDirectory: string): string[] {
  const self = thisProcess();
  return listFolders(spoolDirectory).filter((sessionId) =>
    listSpools(join(spoolDirectory, sessionId)).some(
      (name) => lifeOfFolder(join(spoolDirectory, sessionId, name), self) !== "alive",
    ),
  );
}

function lifeOfFolder(folder: string, self: KnownProcess): Life {
  const [, pid = "", startTicks = "", realm = ""] = basename(folder).split(".");
  if (pid === "released") return "gone";
  const life = lifeOf({ pid: Number(pid), startTicks, realm }, self);
  if (life !== "unknown") return life;
  const touchedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return touchedAt !== undefined && touchedAt < Date.now() - goneAfterMs ? "gone" : "unknown";
}

function folderName(stamp: string, { pid, startTicks, realm }: KnownProcess): string {
  return `${stamp}.${pid}.${startTicks}.${realm}`;
}

/** A folder of another name is somebody else's. */
const spoolName = /^[0-9a-z]+\.(released|\d+\.[^.]*\..*)$/;

function listSpools(sessionFolder: string): string[] {
  return listFolders(sessionFolder).filter((name) => spoolName.test(name));
}

function listFolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch {
    // Nothing was ever spooled here, or it can't be read: either way there is nothing to take over.
    return [];
  }
}

function takes(from: string, to: string): boolean {
  try {
    // First, so that no other container sees ours with the silence of the one that left it.
    utimesSync(from, new Date(), new Date());
    // Renaming is atomic: of several that want the same folder one gets it.
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
