import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { basename } from "node:path";

import type { Environment } from "./config.ts";
import { dropIns } from "./settings-files.ts";
import { createSettings } from "./settings.ts";
import { spawnRelay } from "./start.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A relay that dies at once would only be started to die again. */
const minLifeMs = 1_000;

export interface RunOptions {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly port: number;
  /** The path of this program. */
  readonly program: string;
}

/**
 * Runs a program beside a relay that is started again whenever it dies.
 * @returns the program's exit code, 128 + n for a signal n, once the relay has sent what it could
 */
export async function run({ argv, env, port, program }: RunOptions): Promise<number> {
  const [file = "claude", ...args] = argv;
  let isOver = false;
  let relay: ChildProcess | undefined;

  function startRelay(): void {
    const startedAt = Date.now();
    relay = spawnRelay(env, program);
    relay.once("exit", () => {
      relay = undefined;
      if (!isOver && Date.now() - startedAt >= minLifeMs) startRelay();
    });
  }
  startRelay();

  const child = spawn(file, [...withSettings(file, port, program), ...args], {
    stdio: "inherit",
    env,
  });
  // A terminal has sent its SIGINT to the program too; a second one would mean something else.
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  const code = await exitCode(child);
  isOver = true;
  if (relay?.kill("SIGTERM")) await once(relay, "exit");
  for (const signal of signals) process.off(signal, forward);
  return code;
}

/** The hooks come from the drop-in where there is one; twice would record twice. */
function withSettings(file: string, port: number, program: string): string[] {
  if (basename(file) !== "claude" || dropIns().length > 0) return [];
  return ["--settings", JSON.stringify(createSettings(port, shellCommand(program)))];
}

export const shellCommand = (program: string) => `node '${program.replaceAll("'", "'\\''")}'`;

async function exitCode(child: ChildProcess): Promise<number> {
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } catch (error) {
    process.stderr.write(`session-hook: ${String(error)}\n`);
    // As a shell says "not found".
    return 127;
  }
}
