import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";
import { afterAll } from "vitest";

export interface Child {
  readonly process: ChildProcess;
  /** The lines it prints. */
  readonly lines: AsyncIterator<string>;
  /** Ends when the process is gone and everything it printed was read. */
  readonly closed: Promise<unknown>;
}

/**
 * One plain Node script of a file beside this one, to be run as often as a test likes.
 * @returns its path
 */
export function bundleChild(name: "journal-writer" | "failing-writer" | "lock-holder"): string {
  const folder = mkdtempSync(join(tmpdir(), "child-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, `${name}.mjs`);
  buildSync({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
  });
  return outfile;
}

export function startChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: "/usr/bin:/bin:/usr/local/bin", ...env },
  });
  const lines = createInterface({ input: child.stdout });
  return {
    process: child,
    lines: lines[Symbol.asyncIterator](),
    closed: once(child, "close"),
  };
}
