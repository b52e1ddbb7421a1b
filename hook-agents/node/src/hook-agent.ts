import { uuidv7 } from "uuidv7";

import type { DropReason, HookAgent, HookAgentOptions, Logged } from "./api.ts";
import type { CommandType } from "./command.ts";
import { flushBeforeExit } from "./exit.ts";
import { idOf, isSessionId, requireObject, stampRecord } from "./input.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";
import { createWarnings, type Warnings } from "./warnings.ts";

const flushTimeoutMs = 2_000;

/**
 * Records one session. Cheap to make and independent of every other one in the process.
 * Without a usable `sessionId` it warns once and does nothing.
 */
export function createHookAgent(options: HookAgentOptions): HookAgent {
  const warnings = createWarnings(options.log);
  const pipeline = openEnabled(options, warnings);
  let dropped = 0;
  let closed = false;

  const drop = (reason: DropReason, id: string = uuidv7()): Logged => {
    if (reason !== "disabled") dropped += 1;
    return notTaken(reason, id);
  };

  const log = (type: CommandType, data: () => object, givenId?: string): Logged => {
    if (!pipeline) return drop("disabled");
    if (closed) {
      warnings.warn("closed", { type }, "logged after close");
      return drop("closed");
    }
    const id = givenId ?? uuidv7();
    try {
      // The pipeline has counted a drop of its own.
      return pipeline.log(type, id, data()) ?? notTaken("spool_full", id);
    } catch (error) {
      // Whatever is wrong with the caller's value, or with us, it must not become the agent's problem.
      warnings.warn("invalid", { type, error }, "a record could not be taken");
      return drop("invalid", id);
    }
  };

  const logRecord = (type: "action" | "response", record: unknown) =>
    log(type, () => stampRecord(record), idOf(record, "id"));

  const flush: HookAgent["flush"] = async ({ timeoutMs = flushTimeoutMs } = {}) =>
    pipeline === undefined || closed || pipeline.flush(timeoutMs);

  const release = () => {
    if (!closed) pipeline?.close();
    closed = true;
  };

  // What can't be sent now is in the spool, so an unreachable service must not hold up the end.
  const stopWatching =
    pipeline && options.flushOnExit
      ? flushBeforeExit({ flush: () => pipeline.flush(flushTimeoutMs, true), release })
      : () => {};

  return {
    sessionId: pipeline ? (options.sessionId ?? null) : null,
    logAction: (action) => logRecord("action", action),
    logResponse: (response) => logRecord("response", response),
    updateState: (patch, { mode = "deep" } = {}) =>
      log("state_updated", () => ({ mode, patch: requireObject(patch) })),
    addGoal(goal) {
      const goalId = idOf(goal, "goalId") ?? idOf(goal, "id") ?? uuidv7();
      const logged = log("goal_added", () => ({ ...requireObject(goal), goalId }));
      return Object.assign(logged, { goalId });
    },
    updateGoal: (goalId, patch) =>
      Object.assign(
        log("goal_updated", () => ({ goalId, patch: requireObject(patch) })),
        { goalId },
      ),
    spawnAgent(agent) {
      const agentId = idOf(agent, "agentId") ?? idOf(agent, "id") ?? uuidv7();
      const logged = log("agent_spawned", () => ({ ...requireObject(agent), agentId }));
      return Object.assign(logged, { agentId });
    },
    completeAgent: (agentId, completion = {}) =>
      Object.assign(
        log("agent_completed", () => ({ agentId, completion: requireObject(completion) })),
        { agentId },
      ),
    updateMetadata: (patch) => log("metadata_updated", () => requireObject(patch)),
    finalize: (outcome = {}) => log("session_finalized", () => requireObject(outcome)),
    flush,
    async close(closeOptions) {
      stopWatching();
      const flushed = await flush(closeOptions);
      release();
      return flushed;
    },
    stats() {
      const counts = pipeline?.stats() ?? emptyCounts;
      return { enabled: pipeline !== undefined, ...counts, dropped: counts.dropped + dropped };
    },
  };
}

const emptyCounts: ReturnType<Pipeline["stats"]> = {
  queued: 0,
  queuedBytes: 0,
  memoryBytes: 0,
  adopted: 0,
  sent: 0,
  duplicates: 0,
  retried: 0,
  rejected: 0,
  dropped: 0,
  shortened: 0,
  lastError: null,
};

function openEnabled(options: HookAgentOptions, warnings: Warnings): Pipeline | undefined {
  const { sessionId } = options;
  if (!isSessionId(sessionId)) {
    const reason = sessionId ? "the session id is not valid" : "there is no session id";
    warnings.warn("disabled", { reason }, "session hook agent is off");
    return undefined;
  }
  try {
    return openPipeline(sessionId, options, warnings);
  } catch (error) {
    warnings.warn("disabled", { error }, "session hook agent is off");
    return undefined;
  }
}

function notTaken(reason: DropReason, id: string): Logged {
  return { id, receipt: Promise.resolve({ outcome: "dropped", reason }) };
}
