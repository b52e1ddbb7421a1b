import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

export interface Program {
  /** The lines that it has said. */
  readonly said: readonly string[];
  /** Resolves once it has said this. */
  saidLine(line: string): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  /** Resolves with its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** Starts `test/programs/<name>.ts` in a process of its own. */
export function startProgram(name: string, environment: Record<string, string>): Program {
  const file = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file], {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    if (isRunning(child)) child.kill("SIGKILL");
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(line));
  const ended = async () => {
    if (isRunning(child)) await once(child, "close");
    return child.exitCode ?? child.signalCode ?? "unknown";
  };
  return {
    said,
    ended,
    async saidLine(line) {
      while (!said.includes(line)) {
        if (!isRunning(child)) throw new Error(`ended without saying ${line}: ${said.join("; ")}`);
        await Promise.race([once(lines, "line"), once(child, "close")]);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await ended();
    },
  };
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;
