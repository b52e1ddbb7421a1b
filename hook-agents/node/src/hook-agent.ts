import { uuidv7 } from "uuidv7";

import type { DropReason, HookAgent, HookAgentOptions, Logged } from "./api.ts";
import type { CommandType } from "./command.ts";
import { flushBeforeExit } from "./exit.ts";
import { idOf, isSessionId, placeOf, requireObject, stampRecord } from "./input.ts";
import { defaultServiceUrl, openPipeline, type Pipeline } from "./pipeline.ts";
import { noCounts } from "./tally.ts";
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

  const drop = (reason: DropReason, id: string): Logged => {
    if (reason !== "disabled") dropped += 1;
    return notTaken(reason, id);
  };

  const log = (
    type: CommandType,
    data: () => object,
    options: unknown,
    id: string = idOf(options, "id") ?? uuidv7(),
  ): Logged => {
    if (!pipeline) return drop("disabled", id);
    if (closed) {
      warnings.warn("closed", { type }, "logged after close");
      return drop("closed", id);
    }
    try {
      // The pipeline has counted a drop of its own.
      return pipeline.log(type, id, data()) ?? notTaken("spool_full", id);
    } catch (error) {
      // Whatever is wrong with the caller's value, or with us, it must not become the agent's problem.
      warnings.warn("invalid", { type, error }, "a record could not be taken");
      return drop("invalid", id);
    }
  };

  const logRecord = (type: "action" | "response", record: unknown, options: unknown) =>
    log(type, () => stampRecord(record), options, idOf(options, "id") ?? idOf(record, "id"));

  const flush: HookAgent["flush"] = async (asked) =>
    pipeline === undefined ||
    closed ||
    pipeline.flush(asked?.timeoutMs ?? flushTimeoutMs, asked?.endsOnFailure);

  const release = () => {
    if (!closed) pipeline?.close();
    closed = true;
  };

  // What can't be sent now is in the spool, so an unreachable service must not hold up the end.
  const stopWatching =
    pipeline && options.flushOnExit
      ? flushBeforeExit({ flush: () => pipeline.flush(flushTimeoutMs, true), release })
      : () => {};

  const sessionId = pipeline ? (options.sessionId ?? null) : null;
  const { serviceUrl = defaultServiceUrl, token } = options;

  return {
    sessionId,
    connection: () => (sessionId === null ? null : { serviceUrl, token, sessionId }),
    logAction: (action, callOptions) => logRecord("action", action, callOptions),
    logResponse: (response, callOptions) => logRecord("response", response, callOptions),
    updateState: (patch, callOptions) =>
      log(
        "state_updated",
        () => ({ mode: callOptions?.mode ?? "deep", patch: requireObject(patch) }),
        callOptions,
      ),
    addGoal(goal, callOptions) {
      const goalId = idOf(goal, "goalId") ?? idOf(goal, "id") ?? uuidv7();
      const data = () => ({ ...requireObject(goal), goalId });
      return Object.assign(log("goal_added", data, callOptions), { goalId });
    },
    updateGoal(goalId, patch, callOptions) {
      const data = () => ({ goalId, patch: requireObject(patch) });
      return Object.assign(log("goal_updated", data, callOptions), { goalId });
    },
    spawnAgent(agent, callOptions) {
      const agentId = idOf(agent, "agentId") ?? idOf(agent, "id") ?? uuidv7();
      const data = () => ({ ...requireObject(agent), agentId });
      return Object.assign(log("agent_spawned", data, callOptions), { agentId });
    },
    completeAgent(agentId, completion = {}, callOptions) {
      const data = () => ({ agentId, completion: requireObject(completion) });
      return Object.assign(log("agent_completed", data, callOptions), { agentId });
    },
    logEntry(place, entry, callOptions) {
      const data = () => ({ ...placeOf(place), entry: requireObject(entry) });
      return log("transcript_entry", data, callOptions);
    },
    updateMetadata: (patch, callOptions) =>
      log("metadata_updated", () => requireObject(patch), callOptions),
    finalize: (outcome = {}, callOptions) =>
      log("session_finalized", () => requireObject(outcome), callOptions),
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
  ...noCounts,
  queued: 0,
  queuedBytes: 0,
  memoryBytes: 0,
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
