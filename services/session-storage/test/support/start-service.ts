import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { pino } from "pino";
import { onTestFinished } from "vitest";

import { type Config, readConfig } from "../../src/ops/config.ts";
import { type Service, openService } from "../../src/service.ts";

/** The service as one file; vitest.config.ts says where. */
const serviceFile = process.env["SESSION_STORE_SERVICE"] ?? "";

type AtEnd = (end: () => Promise<void>) => void;

/** A folder that goes with the test. */
export async function temporaryFolder(atEnd: AtEnd = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "session-storage-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function configOf(storagePath: string, environment: NodeJS.ProcessEnv = {}): Config {
  return readConfig({
    PORT: "0",
    AUTH: "off",
    BALLAST_BYTES: "4096",
    ...environment,
    STORAGE_PATH: storagePath,
  });
}

/** The whole service in this process. */
export async function startService(
  storagePath: string,
  environment: NodeJS.ProcessEnv = {},
  atEnd: AtEnd = onTestFinished,
): Promise<Service> {
  const config = configOf(storagePath, environment);
  const service = await openService(config, "0.0.0-test", pino({ level: "silent" }));
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await service.close();
    isClosed = true;
  };
  atEnd(close);
  return { url: service.url, close };
}

/** For a whole file of tests: `atEnd` is given what undoes it, in order. */
export async function startServiceUntil(
  atEnd: AtEnd,
  environment: NodeJS.ProcessEnv = {},
): Promise<Service> {
  return startService(await temporaryFolder(atEnd), environment, atEnd);
}

export interface ServiceProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Lines that it logged, parsed. */
  readonly logged: Record<string, unknown>[];
  /** Resolves with the exit code, null after a signal. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** The service as a process of its own, for what only a process can suffer. */
export async function spawnService(
  storagePath: string,
  environment: NodeJS.ProcessEnv = {},
  command: readonly string[] = [],
): Promise<ServiceProcess> {
  const [program = process.execPath, ...before] = command;
  const node = command.length === 0 ? [] : [process.execPath];
  const child = spawn(program, [...before, ...node, serviceFile], {
    env: {
      ...process.env,
      PORT: "0",
      AUTH: "off",
      BALLAST_BYTES: "4096",
      ...environment,
      STORAGE_PATH: storagePath,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => end("SIGKILL"));
  const logged: Record<string, unknown>[] = [];
  const lines = createInterface({ input: child.stdout });
  /** The service itself, which under a tracer is not the process that was spawned. */
  function end(signal: NodeJS.Signals): void {
    const pid = logged.at(-1)?.["pid"] ?? child.pid;
    if (child.exitCode === null && child.signalCode === null) process.kill(pid as number, signal);
  }
  const url = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      logged.push(entry);
      if (entry["msg"] === "listening") resolve(entry["url"] as string);
    });
    child.once("exit", (code) =>
      reject(new Error(`the service ended with ${code}: ${JSON.stringify(logged.at(-1))}`)),
    );
  });
  return {
    url,
    process: child,
    logged,
    async kill(signal) {
      const ended = once(child, "exit") as Promise<[number | null]>;
      end(signal);
      return (await ended)[0];
    },
  };
}
