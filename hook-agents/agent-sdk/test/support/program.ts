import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

export interface Program {
  readonly child: ChildProcess;
  /** Resolves with the first line that `matches`, of those that came or are to come. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Resolves, once it has ended, with its exit code or signal. */
  readonly ended: Promise<number | string>;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  /** SIGKILL to it and to all it has started. */
  kill(): Promise<void>;
}

/** Starts `test/programs/<name>.ts`, a host in a process of its own. */
export function startProgram(
  name: string,
  environment: Readonly<Record<string, string>>,
  options: { cwd?: string; nodeOptions?: readonly string[] } = {},
): Program {
  const file = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), "--import", tsx, file], {
    // Its own process group, to kill it with the CLI that it runs.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...environment },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const ended = once(child, "close").then(
    ([code, signal]: (number | string | null)[]) => code ?? signal ?? "unknown",
  );
  if (child.stderr)
    createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const output = child.stdout && createInterface({ input: child.stdout });
  output?.on("line", (line) => lines.push(line));

  const kill = async () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // All of them have ended already.
    }
    await ended;
  };
  onTestFinished(kill);

  return {
    child,
    lines,
    errors,
    ended,
    kill,
    async line(matches) {
      const seen = lines.find(matches);
      if (seen !== undefined) return seen;
      return new Promise((resolve, reject) => {
        output?.on("line", (line) => {
          if (matches(line)) resolve(line);
        });
        void ended.then((how) => reject(new Error(`ended with ${how}:\n${errors.join("\n")}`)));
      });
    },
  };
}
