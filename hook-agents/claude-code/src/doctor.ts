import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Config } from "./config.ts";
import { isObject, textOf } from "./mapping/payload.ts";

/** Where the CLI of a container looks for settings that no project can turn off. */
export const dropIns = [
  "/etc/claude-code/managed-settings.d/session-hook.json",
  "/etc/claude-code/managed-settings.json",
].filter(hasOurHooks);

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
}

const timeoutMs = 3_000;

/** Looks at everything that recording needs. @returns lines for people, and whether all is well */
export async function examine(config: Config): Promise<{ lines: string[]; ok: boolean }> {
  const checks: Check[] = [
    ...config.mistakes.map((found) => ({ name: "settings", ok: false, found })),
    hooksFound(),
    await relayUp(config),
    await serviceReachable(config),
    await keyAccepted(config),
    spooled(config),
    rejected(config),
  ];
  const lines = checks.map(
    ({ name, ok, found }) => `${ok ? "ok  " : "FAIL"} ${name.padEnd(9)} ${found}`,
  );
  return { lines, ok: checks.every(({ ok }) => ok) };
}

function hasOurHooks(path: string): boolean {
  try {
    return readFileSync(path, "utf8").includes("session-hook");
  } catch {
    return false;
  }
}

function hooksFound(): Check {
  const own = [join(homedir(), ".claude", "settings.json"), ".claude/settings.json"];
  const found = [...dropIns, ...own.filter(hasOurHooks)];
  const hint = 'no hooks found; `claude --settings "$(session-hook settings)"` works without';
  return { name: "hooks", ok: found.length > 0, found: found.join(", ") || hint };
}

async function relayUp({ port }: Config): Promise<Check> {
  const { status, body, error } = await get(`http://127.0.0.1:${port}/status`);
  const isOurs = status === 200 && isObject(body) && body["service"] === "session-hook";
  const other =
    status === undefined
      ? `nothing answers (${error}); the first hook starts one`
      : "something else answers";
  const found = isOurs ? `pid ${String(body["pid"])}, port ${port}` : `port ${port}: ${other}`;
  return { name: "relay", ok: isOurs, found };
}

async function serviceReachable({ serviceUrl }: Config): Promise<Check> {
  const { status, body, error } = await get(`${serviceUrl}/health`);
  const found =
    status === 200
      ? `version ${textOf(body, "version") ?? "?"}, ${textOf(body, "status") ?? "?"}`
      : (error ?? `answers ${status}`);
  return { name: "service", ok: status === 200, found: `${serviceUrl}: ${found}` };
}

async function keyAccepted({ serviceUrl, token, tokenFile }: Config): Promise<Check> {
  const source =
    token === undefined ? "no key" : tokenFile ? `key of ${tokenFile}` : "key of SESSION_TOKEN";
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status, error } = await get(`${serviceUrl}/api/sessions?limit=1`, headers);
  // A token of one session may not list all of them; 401 alone says that it is unknown.
  const ok = status === 200 || status === 403;
  const said = error ?? (status === 401 ? "refused" : ok ? "accepted" : `answered with ${status}`);
  return { name: "key", ok, found: `${source}: ${said}` };
}

function spooled({ spoolDirectory }: Config): Check {
  const files = listFiles(spoolDirectory).filter((path) => /\.(jsonl|inbox)$/.test(path));
  const waiting = files.filter((path) => !path.endsWith("rejected.jsonl"));
  const bytes = waiting.reduce((sum, path) => sum + statSync(path).size, 0);
  const found = `${(bytes / 1024).toFixed(1)} KiB in ${waiting.length} files under ${spoolDirectory}`;
  return { name: "spool", ok: existsSync(spoolDirectory), found };
}

function rejected({ spoolDirectory }: Config): Check {
  const files = listFiles(spoolDirectory).filter((path) => path.endsWith("rejected.jsonl"));
  const records = files.flatMap((path) => readFileSync(path, "utf8").split("\n").filter(Boolean));
  const found = records.length === 0 ? "none" : `${records.length} records in ${files.join(", ")}`;
  return { name: "rejected", ok: records.length === 0, found };
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
    join(folder, name),
  );
}

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status?: number; body?: unknown; error?: string }> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = await response.json();
    return { status: response.status, body };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return { error: cause instanceof Error ? cause.message : String(error) };
  }
}
