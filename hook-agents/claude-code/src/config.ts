import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

import { readTokenFile } from "@sessions/hook-agent/token-file";

export interface Config {
  /** Base URL of the service. */
  readonly serviceUrl: string;
  readonly tokenFile: string | undefined;
  /** SESSION_TOKEN, or the first line of the token file that is not empty or a comment. */
  readonly token: string | undefined;
  readonly userId: string | undefined;
  /** Of the session that the first Claude session records into; otherwise each has its own id. */
  readonly sessionId: string | undefined;
  readonly port: number;
  /** Milliseconds without a hook after which a relay with nothing left to send exits. */
  readonly idleMs: number;
  /** Milliseconds of silence after which another writer may go on with a session. */
  readonly leaseMs: number;
  /** Where the CLI keeps its transcripts, in `projects`. */
  readonly claudeDirectory: string;
  /** The folder in `projects` when the CLI is told one, whatever the working directory. */
  readonly claudeProject: string | undefined;
  readonly spoolDirectory: string;
  /** Settings that could not be used, for people to read; the defaults hold in their place. */
  readonly mistakes: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const defaults = {
  serviceUrl: "http://localhost:9000",
  port: 9_100,
  idleMs: 600_000,
  leaseMs: 60_000,
};
/** What the service takes. */
const leaseBoundsMs = { min: 1_000, max: 3_600_000 };

/** Never throws: a wrong setting must not keep an agent from working. */
export function readConfig(env: Environment): Config {
  const mistakes: string[] = [];
  const whole = (name: string, fallback: number, max: number, min = 0) => {
    const text = env[name];
    if (!text) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    mistakes.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
    return fallback;
  };
  const path = (name: string) => {
    const text = env[name];
    if (!text || isAbsolute(text)) return text || undefined;
    mistakes.push(`${name} must be an absolute path, not "${text}"`);
    return undefined;
  };
  const tokenFile = path("SESSION_TOKEN_FILE");
  const url = env["SESSION_SERVICE_URL"] || defaults.serviceUrl;
  const isUrl = /^https?:\/\//.test(url) && URL.canParse(url);
  if (!isUrl) mistakes.push(`SESSION_SERVICE_URL must be an http(s) URL, not "${url}"`);

  return {
    serviceUrl: isUrl ? url.replace(/\/+$/, "") : defaults.serviceUrl,
    tokenFile,
    token: env["SESSION_TOKEN"] || readToken(tokenFile, mistakes),
    userId: env["SESSION_USER_ID"] || undefined,
    sessionId: env["SESSION_ID"] || undefined,
    port: whole("SESSION_HOOK_PORT", defaults.port, 65_535),
    idleMs: whole("SESSION_HOOK_IDLE_MS", defaults.idleMs, 2_147_483_647),
    leaseMs: whole("SESSION_LEASE_MS", defaults.leaseMs, leaseBoundsMs.max, leaseBoundsMs.min),
    claudeDirectory: path("CLAUDE_CONFIG_DIR") ?? join(homedir(), ".claude"),
    claudeProject: projectOf(env),
    spoolDirectory:
      path("SESSION_SPOOL_DIR") ??
      join(homedir(), ".local", "state", "agent-sessions", "claude-code"),
    mistakes,
  };
}

/** The CLI takes the name only beside a CLAUDE_CONFIG_DIR. */
function projectOf(env: Environment): string | undefined {
  const name = env["CLAUDE_CODE_PROJECT_DIR_NAME"];
  return env["CLAUDE_CONFIG_DIR"] && name && /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : undefined;
}

function readToken(file: string | undefined, mistakes: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readTokenFile(file);
  } catch (error) {
    mistakes.push(`SESSION_TOKEN_FILE can't be read: ${String(error)}`);
    return undefined;
  }
}
