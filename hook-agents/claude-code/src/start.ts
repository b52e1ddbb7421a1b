import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { Config, Environment } from "./config.ts";
import { findClaudePid } from "./relay/claude-pid.ts";
import { frameOf, newInboxName } from "./relay/inbox.ts";
import { processHeader, relayHeader } from "./relay/server.ts";

/** The CLI waits for this command: a relay that has not started by then reads the hook from its inbox. */
const startTimeoutMs = 2_500;
const pollMs = 25;

/**
 * The command hook: hands the hook on stdin to the relay and starts one if there is none.
 * Nothing is written to stdout, where the CLI would take it as an answer.
 * @param program the path of this program
 */
export async function start(config: Config, env: Environment, program: string): Promise<void> {
  const body = await readAll(process.stdin);
  const pid = findClaudePid(process.ppid);
  if (await send(config.port, body, pid)) return;
  spawnRelay(env, program).unref();
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline;) {
    await delay(pollMs);
    if (await send(config.port, body, pid)) return;
  }
  leaveInInbox(config, body, pid);
}

/**
 * Outlives this command and the CLI, and takes no part in the signals of their terminal.
 * It gets our settings, not the agent's keys.
 */
export function spawnRelay(env: Environment, program: string): ChildProcess {
  const kept = /^(SESSION_|NODE_EXTRA_CA_CERTS$|PATH$|HOME$|USER$|TMPDIR$|LANG$|TZ$|XDG_)/;
  const entries = Object.entries(env).filter(([name]) => kept.test(name));
  return spawn(process.execPath, [program, "relay"], {
    cwd: "/",
    detached: true,
    stdio: "ignore",
    env: Object.fromEntries(entries),
  });
}

/** @returns false when there is no relay; a refusal by one is not tried again */
function send(port: number, body: Buffer, pid: number | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = {
      "content-type": "application/json",
      "content-length": body.length,
      ...(pid !== undefined && { [processHeader]: String(pid) }),
    };
    const req = request({ host: "127.0.0.1", port, path: "/hook", method: "POST", headers });
    req.setTimeout(startTimeoutMs, () => req.destroy());
    req.on("response", (res) => {
      res.resume();
      resolve(res.headers[relayHeader] !== undefined);
    });
    // Refused or cut: nobody has taken the hook.
    req.on("error", () => resolve(false));
    req.end(body);
  });
}

function leaveInInbox({ spoolDirectory }: Config, body: Buffer, pid: number | undefined): void {
  const { name, boot } = newInboxName();
  const at = new Date().toISOString();
  const folder = join(spoolDirectory, "inbox");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const frame = frameOf({ boot, seq: 1, at, ...(pid !== undefined && { pid }), body });
  writeFileSync(join(folder, name), Buffer.concat(frame), { mode: 0o600 });
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
