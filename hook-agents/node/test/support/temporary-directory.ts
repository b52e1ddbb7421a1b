import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** Told what to do when the test, or the file of tests, is over. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void;

/** Gone when the test is over. */
export function temporaryDirectory(atEnd: AtEnd = onTestFinished): string {
  const directory = mkdtempSync(join(tmpdir(), "hook-agent-"));
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
