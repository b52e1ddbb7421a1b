import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Block } from "../../src/readme.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** What an agent has around the lines that record it. */
export interface Surroundings {
  readonly before?: string;
  readonly after?: string;
}

/** Runs the block as its language wants it, in `folder`. Rejects when it fails. */
export async function runBlock(
  { language, text }: Block,
  folder: string,
  env: Readonly<Record<string, string>>,
  { before = "", after = "" }: Surroundings = {},
): Promise<void> {
  const [name, ...command] = commandFor(language);
  const file = join(folder, name);
  await writeFile(file, [before, text, after].join("\n"));
  const [program = "", ...args] = command;
  await promisify(execFile)(program, [...args, file], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      ...env,
      PYTHONPATH: `${root}hook-agents/python/src`,
    },
  });
}

function commandFor(language: string): [file: string, ...command: string[]] {
  switch (language) {
    case "sh":
      return ["block.sh", "bash", "-eu"];
    case "js":
      return ["block.mts", process.execPath, "--import", "tsx"];
    case "python":
      return ["block.py", "python3"];
    default:
      throw new Error(`nothing here runs ${language}`);
  }
}
