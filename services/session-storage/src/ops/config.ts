import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { limits } from "@sessions/contract";
import * as z from "zod";

/** The service is one file, and what it was built with stands next to it. */
const besideProgram = fileURLToPath(new URL("dashboard", import.meta.url));
const loopbackHosts = ["127.0.0.1", "::1", "localhost"];

const list = z
  .string()
  .transform((text) => text.split(",").map((item) => item.trim()))
  .pipe(z.array(z.string().min(1)));
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(9000),
  HOST: z.string().min(1).default("127.0.0.1"),
  STORAGE_PATH: z.string().min(1).optional(),
  /** Older name of STORAGE_PATH. */
  SESSIONS_DIR: z.string().min(1).optional(),
  /** Folder of the dashboard's files; by default `dashboard` beside the running program. */
  DASHBOARD_PATH: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  DURABILITY: z.enum(["fsync", "os"]).default("fsync"),
  AUTH: z.enum(["on", "off"]).optional(),
  API_KEYS: list
    .pipe(z.array(z.string().min(16, "each key needs at least 16 characters")))
    .default([]),
  /** One key a line; made with a random key when it is missing. */
  API_KEYS_FILE: z.string().min(1).optional(),
  ALLOWED_HOSTS: list.default(["localhost", "127.0.0.1", "[::1]"]),
  ALLOWED_ORIGINS: list.default([]),
  /** Records per second and session. */
  RATE_LIMIT: z.union([z.literal("off"), z.coerce.number().int().positive()]).default("off"),
  MAX_RECORD_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(limits.batchBytes, `can't be over the limit of a batch, ${limits.batchBytes}`)
    .default(limits.recordBytes),
  SHUTDOWN_TIMEOUT_MS: count(5_000),
  CHECKPOINT_INTERVAL_MS: count(10_000),
  JOURNAL_SEGMENT_BYTES: count(67_108_864),
  JOURNAL_RETAIN_BYTES: count(268_435_456),
  BALLAST_BYTES: count(16_777_216),
  TRASH_GRACE_MS: count(604_800_000),
  MAX_CONNECTIONS: count(20_000),
});

export interface Config {
  port: number;
  host: string;
  storagePath: string;
  dashboardPath: string;
  logLevel: z.infer<typeof environmentSchema>["LOG_LEVEL"];
  durability: "fsync" | "os";
  isAuthOn: boolean;
  apiKeys: readonly string[];
  apiKeysFile: string | undefined;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  recordsPerSecond: number | undefined;
  maxRecordBytes: number;
  shutdownTimeoutMs: number;
  checkpointIntervalMs: number;
  journalSegmentBytes: number;
  journalRetainBytes: number;
  ballastBytes: number;
  trashGraceMs: number;
  maxConnections: number;
}

/** What stops the start: one readable line per mistake. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.mistakes = mistakes;
  }
}

/** The only place where the environment is understood. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path: [name], message }) => {
        const shown = name === "API_KEYS" ? "" : ` (it is ${JSON.stringify(given[String(name)])})`;
        return `${String(name)}: ${message}${shown}`;
      }),
    );
  const settings = parsed.data;
  const isLoopback = loopbackHosts.includes(settings.HOST);
  const hasKeys = settings.API_KEYS.length > 0 || settings.API_KEYS_FILE !== undefined;
  const isAuthOn = settings.AUTH === undefined ? !isLoopback || hasKeys : settings.AUTH === "on";
  const mistakes: string[] = [];
  if (!isAuthOn && !isLoopback)
    mistakes.push(
      `AUTH=off is for loopback only, and HOST is ${settings.HOST}: set API_KEYS (or API_KEYS_FILE) and leave AUTH out, or set HOST=127.0.0.1`,
    );
  if (isAuthOn && !hasKeys)
    mistakes.push(
      `HOST is ${settings.HOST} and no key is set: set API_KEYS to one or more keys of at least 16 characters (or API_KEYS_FILE to a file that keeps them), or set HOST=127.0.0.1`,
    );
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return {
    port: settings.PORT,
    host: settings.HOST,
    storagePath: resolve(settings.STORAGE_PATH ?? settings.SESSIONS_DIR ?? "/var/claude-sessions"),
    dashboardPath: resolve(settings.DASHBOARD_PATH ?? besideProgram),
    logLevel: settings.LOG_LEVEL,
    durability: settings.DURABILITY,
    isAuthOn,
    apiKeys: settings.API_KEYS,
    apiKeysFile: settings.API_KEYS_FILE,
    allowedHosts: settings.ALLOWED_HOSTS,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    recordsPerSecond: settings.RATE_LIMIT === "off" ? undefined : settings.RATE_LIMIT,
    maxRecordBytes: settings.MAX_RECORD_BYTES,
    shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
    checkpointIntervalMs: settings.CHECKPOINT_INTERVAL_MS,
    journalSegmentBytes: settings.JOURNAL_SEGMENT_BYTES,
    journalRetainBytes: settings.JOURNAL_RETAIN_BYTES,
    ballastBytes: settings.BALLAST_BYTES,
    trashGraceMs: settings.TRASH_GRACE_MS,
    maxConnections: settings.MAX_CONNECTIONS,
  };
}
