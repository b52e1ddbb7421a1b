import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "vitest";

import { type Config, readConfig } from "../../src/config.ts";
import type { Log } from "../../src/relay/log.ts";

export const silentLog: Log = { info() {}, warn() {} };

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Gone when the file's tests are over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "session-hook-"));
  folders.push(folder);
  return folder;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export const configFor = (spoolDirectory: string, more: Partial<Config> = {}): Config => ({
  ...readConfig({ SESSION_SPOOL_DIR: spoolDirectory, SESSION_SERVICE_URL: "http://127.0.0.1:9" }),
  port: 0,
  ...more,
});

/** @returns the status of the answer and how long it took, in milliseconds */
export async function postHook(
  port: number,
  payload: object,
): Promise<{ status: number; ms: number }> {
  const body = JSON.stringify(payload);
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/hook`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

/** The one that hooks have started on a port, if there is one. */
export async function killRelay(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
  if (answer) process.kill(((await answer.json()) as { pid: number }).pid, "SIGKILL");
}

/** The relay as a process, listening. @param program the built session-hook */
export async function spawnRelay(
  program: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [program, "relay"], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: "ignore",
  });
  const port = Number(env["SESSION_HOOK_PORT"]);
  while (child.exitCode === null && !(await isListening(port))) await new Promise(setImmediate);
  return { child, port };
}

async function isListening(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/status`)).ok;
  } catch {
    // Not yet.
    return false;
  }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
