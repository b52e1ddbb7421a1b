import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { openFileSegment, type Segment } from "./segment.ts";

const cursorName = "cursor";
const cursorBytes = 48;

/** A segment that an earlier process left, and how many of its bytes the service has. */
export interface LeftSegment {
  readonly segment: Segment;
  readonly sentBytes: number;
}

/** One process's folder of segments and the cursor into them. Every call may throw what the file system throws. */
export interface Spool {
  openSegment(): Segment;
  /** A new segment with these lines in the place of `segment`, which stays until it is removed. */
  rewriteSegment(segment: Segment, text: string): Segment;
  leftSegments(): LeftSegment[];
  writeCursor(segment: Segment, sentBytes: number): void;
  /** Tells other processes that this one is there. @returns false when one of them took the folder */
  touch(): boolean;
  /** Leaves the folder to whoever wants it. */
  release(): void;
  remove(): void;
}

/** @param folder what `spoolFolderName` or a claim gave; made with the first segment */
export function openSpool(folder: string): Spool {
  let made = false;
  let next = 1;
  let cursor: number | undefined;
  const make = () => {
    if (!made) mkdirSync(folder, { recursive: true, mode: 0o700 });
    made = true;
  };
  /** `<number>-<revision>.jsonl` */
  const nextName = () => `${String(next++).padStart(8, "0")}-0.jsonl`;
  const closeCursor = () => {
    if (cursor !== undefined) closeSync(cursor);
    cursor = undefined;
  };

  return {
    openSegment() {
      make();
      return openFileSegment(join(folder, nextName()));
    },
    rewriteSegment({ path: old }, text) {
      make();
      const isOurs = old !== null && dirname(old) === folder;
      const [number = "", revision] = basename(isOurs ? old : nextName(), ".jsonl").split("-");
      const path = join(folder, `${number}-${Number(revision) + 1}.jsonl`);
      writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
      renameSync(`${path}.tmp`, path);
      return openFileSegment(path);
    },
    leftSegments() {
      made = true;
      const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
      const cursorAt = readCursor(join(folder, cursorName));
      next = 1 + Math.max(0, ...names.map((name) => Number.parseInt(name, 10)));
      return latestRevisions(names).map((name) => {
        const segment = openFileSegment(join(folder, name));
        const sentBytes = cursorAt?.name === name ? Math.min(cursorAt.sentBytes, segment.bytes) : 0;
        return { segment, sentBytes };
      });
    },
    writeCursor(segment, sentBytes) {
      if (segment.path === null) return;
      cursor ??= openSync(join(folder, cursorName), "w", 0o600);
      const text = `${basename(segment.path)} ${sentBytes}`;
      writeSync(cursor, `${text.padEnd(cursorBytes - 1)}\n`, 0);
    },
    touch() {
      if (!made) return true;
      try {
        utimesSync(folder, new Date(), new Date());
        return true;
      } catch {
        return false;
      }
    },
    release() {
      closeCursor();
      if (made) renameSync(folder, join(dirname(folder), `${stampOf(folder)}.released`));
      made = false;
    },
    remove() {
      closeCursor();
      if (!made) return;
      rmSync(folder, { recursive: true, force: true });
      made = false;
      removeIfEmpty(dirname(folder));
    },
  };
}

/** Lexical order is the order of creation. */
export function newStamp(): string {
  return `${Date.now().toString(36).padStart(9, "0")}${randomBytes(3).toString("hex")}`;
}

export function stampOf(folder: string): string {
  const name = basename(folder);
  return name.slice(0, name.indexOf("."));
}

/** A rewritten segment and the one it stands for are both there when the process ended in between. */
function latestRevisions(names: string[]): string[] {
  const latest = new Map<number, { name: string; revision: number }>();
  for (const name of names.toSorted()) {
    const [number = 0, revision = 0] = name.split("-").map((part) => Number.parseInt(part, 10));
    if (revision >= (latest.get(number)?.revision ?? 0)) latest.set(number, { name, revision });
  }
  return [...latest.values()].map(({ name }) => name);
}

function readCursor(path: string): { name: string; sentBytes: number } | undefined {
  try {
    const [name = "", sentBytes = ""] = readFileSync(path, "utf8").trim().split(" ");
    // A cursor that can't be read only means sending again: the service knows every id.
    return /^\d+$/.test(sentBytes) ? { name, sentBytes: Number(sentBytes) } : undefined;
  } catch {
    return undefined;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds rejected.jsonl or another process's spool.
  }
}
