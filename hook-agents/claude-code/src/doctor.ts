import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Config } from "./config.ts";
import { sessionChecks } from "./doctor-sessions.ts";
import { isObject, textOf } from "./mapping/payload.ts";
import { dropIns, ownSettings } from "./settings-files.ts";

export interface Check {
  readonly name: string;
  /** Null: neither, nothing has been recorded yet. */
  readonly ok: boolean | null;
  readonly found: string;
}

const timeoutMs = 3_000;

/**
 * Looks at everything that recording needs. @returns lines for people, and whether nothing is wrong
 * @param shellCommand what runs this program in a shell
 */
export async function examine(
  config: Config,
  shellCommand: string,
): Promise<{ lines: string[]; ok: boolean }> {
  const relay = await relayUp(config);
  const checks: Check[] = [
    ...config.mistakes.map((found) => ({ name: "settings", ok: false, found })),
    hooksFound(shellCommand),
    relay.check,
    await serviceReachable(config),
    await keyAccepted(config),
    ...sessionChecks(relay.status, config.spoolDirectory),
    ...spooled(config),
  ];
  const mark = ({ ok }: Check) => (ok === null ? "--  " : ok ? "ok  " : "FAIL");
  const lines = checks.map((check) => `${mark(check)} ${check.name.padEnd(9)} ${check.found}`);
  return { lines, ok: checks.every(({ ok }) => ok !== false) };
}

function hooksFound(shellCommand: string): Check {
  const found = [...dropIns(), ...ownSettings()];
  const hint = `in no settings file; give them with: claude --settings "$(${shellCommand} settings)"`;
  return { name: "hooks", ok: found.length > 0 || null, found: found.join(", ") || hint };
}

async function relayUp({ port }: Config): Promise<{ check: Check; status?: unknown }> {
  const { status, body, error } = await get(`http://127.0.0.1:${port}/status`);
  const isOurs = status === 200 && isObject(body) && body["service"] === "session-hook";
  const isFree = status === undefined && error?.includes("ECONNREFUSED") === true;
  const other = isFree ? "none at the moment; the first hook starts one" : "something else answers";
  const found = isOurs ? `pid ${String(body["pid"])}, port ${port}` : `port ${port}: ${other}`;
  const check = { name: "relay", ok: isOurs || (isFree ? null : false), found };
  return isOurs ? { check, status: body } : { check };
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

function spooled({ spoolDirectory }: Config): Check[] {
  const refusal = whyNotUsable(spoolDirectory);
  if (refusal !== undefined) return [{ name: "spool", ok: false, found: refusal }];
  const files = listFiles(spoolDirectory).filter((path) => /\.(jsonl|inbox)$/.test(path));
  const rejected = files.filter((path) => path.endsWith("rejected.jsonl"));
  const waiting = files.filter((path) => !rejected.includes(path));
  const bytes = waiting.reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const found = `${(bytes / 1024).toFixed(1)} KiB in ${waiting.length} files under ${spoolDirectory}`;
  return [{ name: "spool", ok: true, found }, countRejected(rejected)];
}

function countRejected(paths: readonly string[]): Check {
  const records = paths.flatMap((path) => readFileSync(path, "utf8").split("\n").filter(Boolean));
  const found = records.length === 0 ? "none" : `${records.length} records in ${paths.join(", ")}`;
  return { name: "rejected", ok: records.length === 0, found };
}

/** The relay makes the folder, so the nearest one that is there counts. */
function whyNotUsable(folder: string): string | undefined {
  if (!existsSync(folder)) return whyNotUsable(dirname(folder));
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is not a folder`;
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return String(error);
  }
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
