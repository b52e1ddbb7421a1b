import { basename } from "node:path";

import type { SessionId } from "@sessions/contract";
import type { Logger } from "pino";

import { readLinesBackward } from "../files/read-lines.ts";
import { fileSize, makeDirectory, setAside, truncateFile } from "../files/write.ts";
import type { Layout } from "./layout.ts";

export interface RepairDependencies {
  readonly layout: Layout;
  readonly log: Pick<Logger, "warn">;
}

/** Cuts a last line that no newline ends; a copy goes to the quarantine. @returns the size afterwards, in bytes */
export async function repairTail(
  dependencies: RepairDependencies,
  sessionId: SessionId,
  path: string,
): Promise<number> {
  for await (const [last] of readLinesBackward(path)) {
    if (last === undefined || last.terminated) break;
    await cutTail(dependencies, sessionId, path, last.at, last.bytes);
    return last.at;
  }
  return fileSize(path);
}

/** Cuts a file at `at`; what stood there goes to the quarantine as `.torn-…`. */
export async function cutTail(
  { layout, log }: RepairDependencies,
  sessionId: SessionId,
  path: string,
  at: number,
  bytes: Buffer,
): Promise<void> {
  await makeDirectory(layout.quarantine);
  await setAside(layout.quarantine, `.torn-${sessionId}-${basename(path)}-${at}`, bytes);
  await truncateFile(path, at);
  log.warn({ file: path, at, cutBytes: bytes.length }, "torn tail cut");
}
