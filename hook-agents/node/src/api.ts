/** What became of one call, told once the service or the library has decided. It never rejects. */
export type Receipt =
  /** `offset` is the session's last offset once the batch with the record was durable. */
  | { readonly outcome: "stored"; readonly offset?: number; readonly duplicate?: true }
  /** Refused for good; the record is in `rejected.jsonl`. */
  | { readonly outcome: "rejected"; readonly problem: Refusal }
  | { readonly outcome: "dropped"; readonly reason: DropReason };

/**
 * `disabled`: there is no session id. `closed`: the call came after `close()`. `invalid`: not an object.
 * `spool_full`: neither spool nor memory had room. `spool_damaged`: somebody else changed the spool's files.
 */
export type DropReason = "disabled" | "closed" | "invalid" | "spool_full" | "spool_damaged";

/** The service's problem, as far as it concerns the record. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** A record that was taken. Not a promise: ask for `receipt` only when the answer matters. */
export interface Logged {
  /** UUIDv7, or the `id` that the caller gave; the service stores it once. */
  readonly id: string;
  readonly receipt: Promise<Receipt>;
}
export interface LoggedGoal extends Logged {
  readonly goalId: string;
}
export interface LoggedAgent extends Logged {
  readonly agentId: string;
}

/** `timestamp` (ISO 8601) is now unless given. Members besides these are kept as sent. */
export interface Action {
  type: string;
  id?: string;
  timestamp?: string;
  [member: string]: unknown;
}
export interface Response {
  type?: string;
  id?: string;
  timestamp?: string;
  [member: string]: unknown;
}
export interface Goal {
  goalId?: string;
  description: string;
  status?: GoalStatus;
  priority?: GoalPriority;
  [member: string]: unknown;
}
export interface GoalPatch {
  description?: string;
  status?: GoalStatus;
  priority?: GoalPriority;
  [member: string]: unknown;
}
export type GoalStatus = "pending" | "in_progress" | "completed" | "blocked" | "cancelled";
export type GoalPriority = "high" | "medium" | "low";
export interface SpawnedAgent {
  agentId?: string;
  type: string;
  /** null or absent: spawned by the session's main agent. */
  parentAgentId?: string | null;
  task?: unknown;
  [member: string]: unknown;
}
export interface AgentCompletion {
  status?: "completed" | "failed" | "stopped";
  result?: unknown;
  parentAgentId?: string | null;
  [member: string]: unknown;
}
/** Merge patch: null removes a name, model, label or tag list. */
export interface MetadataPatch {
  name?: string | null;
  model?: string | null;
  labels?: Record<string, string | null> | null;
  tags?: string[] | null;
}
export interface Finalize {
  status?: "completed" | "stopped" | "error";
  outcome?: unknown;
  response?: unknown;
}
/** What the session is created with when it isn't there. */
export interface SessionOptions {
  userId?: string;
  name?: string;
  /** Kept verbatim. */
  initial?: unknown;
  labels?: Record<string, string>;
  tags?: string[];
  parentSession?: string;
  model?: string;
  workingDirectory?: string;
}

export interface Stats {
  /** False: no usable session id, every call is a no-op. */
  readonly enabled: boolean;
  /** Records not yet acknowledged, and their bytes. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** The part of `queuedBytes` that is only in memory, because the spool can't be written. */
  readonly memoryBytes: number;
  /** Records of earlier processes that this one took over. */
  readonly adopted: number;
  /** Records acknowledged; `duplicates` of them were already there. */
  readonly sent: number;
  readonly duplicates: number;
  /** Requests that failed and were, or will be, made again. */
  readonly retried: number;
  /** Records refused for good. */
  readonly rejected: number;
  /** Records that went for want of room, or that could not be taken at all. */
  readonly dropped: number;
  /** Records whose bulky members were replaced by size and hash. */
  readonly shortened: number;
  /** Why nothing moves at the moment; null when the last request went well. */
  readonly lastError: string | null;
}

/** The last argument of every call that logs. */
export interface CallOptions {
  /**
   * 1-128 visible ASCII characters without quote and backslash, a UUIDv7 unless given. The same id in the same
   * session is stored once, whichever process sends it.
   */
  id?: string;
}
/** Where an entry belongs: for Claude Code the working directory's name and, below it, a subagent. */
export interface TranscriptPlace {
  projectKey: string;
  /** Absent or null: the main transcript. */
  subpath?: string | null;
}
export interface UpdateOptions extends CallOptions {
  mode?: "merge" | "deep";
}

/** Where an agent's records go, for those who read there what it has written. */
export interface Connection {
  readonly serviceUrl: string;
  readonly token: string | undefined;
  readonly sessionId: string;
}

export interface FlushOptions {
  /** Milliseconds to wait at most, 2,000 unless told. */
  timeoutMs?: number;
  /** Don't wait out the time when an attempt fails: what can't be sent now is in the spool. */
  endsOnFailure?: boolean;
}

/** Nothing here throws, waits for the network, or rejects. */
export interface HookAgent {
  /** Null when the agent is disabled. */
  readonly sessionId: string | null;
  /** Holds the token, so don't log it. Null when the agent is disabled. */
  connection(): Connection | null;
  logAction(action: Action, options?: CallOptions): Logged;
  logResponse(response: Response, options?: CallOptions): Logged;
  /** `deep` (the default): null is stored, objects merge, arrays are replaced. `merge`: RFC 7396, null deletes. */
  updateState(patch: Record<string, unknown>, options?: UpdateOptions): Logged;
  addGoal(goal: Goal, options?: CallOptions): LoggedGoal;
  updateGoal(goalId: string, patch: GoalPatch, options?: CallOptions): LoggedGoal;
  spawnAgent(agent: SpawnedAgent, options?: CallOptions): LoggedAgent;
  completeAgent(agentId: string, completion?: AgentCompletion, options?: CallOptions): LoggedAgent;
  /**
   * Adds an entry to a transcript. It is kept as it is: never shortened, never dropped to make room for others.
   * An entry with a `uuid` is stored once in its transcript.
   */
  logEntry(place: TranscriptPlace, entry: object, options?: CallOptions): Logged;
  updateMetadata(patch: MetadataPatch, options?: CallOptions): Logged;
  /** Ends the session (`completed` unless told); anything logged later opens it again. */
  finalize(outcome?: Finalize, options?: CallOptions): Logged;
  /**
   * Sends what is queued now, and keeps the process alive for it.
   * @returns true when everything logged before the call is decided
   */
  flush(options?: FlushOptions): Promise<boolean>;
  /** Flushes within the bound and lets go of timers, sockets and files. What is left stays in the spool. */
  close(options?: { timeoutMs?: number }): Promise<boolean>;
  stats(): Stats;
}

/** Takes an object and a constant message, as pino does. */
export interface HookAgentLog {
  warn(details: object, message: string): void;
}

export interface HookAgentLimits {
  /** Bytes of the spool, 64 MiB. */
  spoolBytes?: number;
  /** Bytes kept in memory while the spool can't be written, 8 MiB. */
  memoryBytes?: number;
  /** Bytes of one record; the bulky members of a larger one are replaced by size and hash. 1 MiB less 1 KiB. */
  recordBytes?: number;
  /** Bytes and records of one request, 512 KiB and 1,000. */
  batchBytes?: number;
  batchRecords?: number;
  /** Bytes of `rejected.jsonl`, 16 MiB. */
  rejectedBytes?: number;
  /** Milliseconds of the first and the longest wait before a retry, 200 and 30,000. */
  retryBaseMs?: number;
  retryMaxMs?: number;
  /** Milliseconds that one request may take, 30,000. */
  requestTimeoutMs?: number;
}

export interface HookAgentOptions {
  sessionId?: string | undefined;
  /** `http://localhost:9000` unless told. */
  serviceUrl?: string | undefined;
  /** An API key or the session's write token. */
  token?: string | undefined;
  spoolDirectory?: string | undefined;
  session?: SessionOptions | undefined;
  /** Asked before each request: the epoch of the session's lease under which to write, once there is one. */
  leaseEpoch?: (() => number | undefined) | undefined;
  /** Warnings go to `process.emitWarning` unless told. */
  log?: HookAgentLog | undefined;
  limits?: HookAgentLimits | undefined;
  /** Flush, within 2 s, on SIGTERM and when the process has nothing left to do. */
  flushOnExit?: boolean | undefined;
}
