import type { HookAgentLimits, HookAgentLog, SessionOptions } from "@sessions/hook-agent";

/** A transcript: a session's main one or, with a `subpath`, one below it, such as a subagent's. */
export interface SessionKey {
  projectKey: string;
  sessionId: string;
  subpath?: string;
}

/** One line of a transcript; opaque, kept as it is. */
export interface SessionStoreEntry {
  type: string;
  uuid?: string;
  timestamp?: string;
  [member: string]: unknown;
}

export interface SessionListing {
  sessionId: string;
  /** When the service took the last entry, ms since 1970. */
  mtime: number;
}

/** What the SDK folds of a main transcript to list it without reading it. */
export interface SessionSummaryEntry extends SessionListing {
  data: Record<string, unknown>;
}

/** The SDK's own function, which knows what `data` means. */
export type FoldSessionSummary = (
  before: SessionSummaryEntry | undefined,
  key: SessionKey,
  entries: SessionStoreEntry[],
  options?: { mtime?: number },
) => SessionSummaryEntry;

/** The `sessionStore` of the Claude Agent SDK's options and functions, all of its calls. */
export interface SessionStore {
  /** Resolves once every entry is in the spool on disk; the service need not be there. */
  append(key: SessionKey, entries: SessionStoreEntry[]): Promise<void>;
  /** @returns all entries in order, also what is still in the spool; null for a transcript that is not there */
  load(key: SessionKey): Promise<SessionStoreEntry[] | null>;
  listSessions(projectKey: string): Promise<SessionListing[]>;
  listSessionSummaries(projectKey: string): Promise<SessionSummaryEntry[]>;
  listSubkeys(key: { projectKey: string; sessionId: string }): Promise<string[]>;
  /** The main transcript takes along those below it. What is appended later begins anew. */
  delete(key: SessionKey): Promise<void>;
  /**
   * Sends what is spooled, and brings the summaries up.
   * @param options.timeoutMs milliseconds to wait at most, 2,000 unless told
   * @returns true when the service has everything that was appended before
   */
  flush(options?: { timeoutMs?: number }): Promise<boolean>;
  /** Flushes within the bound and lets go of timers, sockets and files. What is left stays in the spool. */
  close(options?: { timeoutMs?: number }): Promise<boolean>;
}

export interface SessionStoreOptions {
  /** `http://localhost:9000` unless told. */
  serviceUrl?: string | undefined;
  /** An API key: a session's token reads and writes that session, but lists none. */
  token?: string | undefined;
  spoolDirectory?: string | undefined;
  /** What sessions are created with; the label `source` is `agent-sdk` unless told. */
  session?: SessionOptions | undefined;
  /**
   * Milliseconds that an append may wait for room in a full spool, and a reading call for the service; 45,000.
   * The SDK itself gives up after 60 s.
   */
  timeoutMs?: number | undefined;
  /** Of the installed SDK unless given. */
  foldSessionSummary?: FoldSessionSummary | undefined;
  /** Warnings go to `process.emitWarning` unless told. */
  log?: HookAgentLog | undefined;
  /** Of each session's spool. */
  limits?: HookAgentLimits | undefined;
  /** Flush, within 2 s, on SIGTERM and when the process has nothing left to do; true unless told. */
  flushOnExit?: boolean | undefined;
}

/**
 * `invalid`: the key or the entry can't be stored, whoever tries. `refused`: by the service, for good.
 * `unavailable`: the service, or room in the spool, was not to be had in time. `closed`: the call came after `close()`.
 */
export type SessionStoreErrorCode = "invalid" | "refused" | "unavailable" | "closed";

export class SessionStoreError extends Error {
  override readonly name = "SessionStoreError";
  readonly code: SessionStoreErrorCode;

  constructor(code: SessionStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
