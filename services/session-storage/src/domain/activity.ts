import type { Activity, ActivityStatus, SessionStatus } from "@sessions/contract";

import type { SessionEvent } from "./event.ts";
import { isObject } from "./merge.ts";
import { foldDayUsage, foldUsage } from "./usage.ts";

const endings = {
  completed: "completed",
  stopped: "stopped",
  error: "failed",
} as const satisfies Record<Exclude<SessionStatus, "active">, ActivityStatus>;
/** A row of the catalog stays small, whatever an agent writes. */
const textLength = 200;

export function initialActivity(since: string): Activity {
  return {
    status: "running",
    reason: null,
    since,
    phase: null,
    doing: null,
    waiting: null,
    heartbeatAt: null,
    usage: null,
    dayUsage: null,
  };
}

/**
 * The state machine behind "who is running, who waits for me": created → running ⇄ waiting ⇄ idle,
 * any of them → completed, failed or stopped, and from there running again when it is reopened.
 */
export function foldActivity(before: Activity, event: SessionEvent): Activity {
  const { timestamp } = event;
  switch (event.type) {
    case "session_created":
      return initialActivity(timestamp);
    case "state_updated":
      return follow(before, event.data.patch, timestamp);
    case "session_finalized": {
      const { status, outcome } = event.data;
      const reason = isObject(outcome)
        ? (textOf(outcome["error"]) ?? textOf(outcome["reason"]))
        : textOf(outcome);
      const over = { doing: null, waiting: null };
      return { ...before, ...over, status: endings[status], reason, since: timestamp };
    }
    case "metadata_updated":
      if (event.data.reason !== "reopened") return before;
      return { ...before, status: "running", reason: null, since: timestamp, phase: null };
    default:
      return before;
  }
}

/** What a patch of the state says about the activity; members that it does not name stay. */
function follow(before: Activity, patch: Record<string, unknown>, timestamp: string): Activity {
  const has = (name: string) => Object.hasOwn(patch, name);
  const phase = has("phase") ? textOf(patch["phase"]) : before.phase;
  const waiting = has("waiting") ? waitingOf(patch["waiting"]) : before.waiting;
  const usage = has("usage") ? foldUsage(before.usage, patch["usage"]) : before.usage;
  const next: Activity = {
    ...before,
    phase,
    waiting,
    doing: has("currentStep") ? doingOf(patch["currentStep"]) : before.doing,
    heartbeatAt: has("heartbeatAt") ? textOf(patch["heartbeatAt"]) : before.heartbeatAt,
    usage,
    dayUsage: foldDayUsage(before.dayUsage, [before.usage, usage], timestamp),
  };
  const [status, reason] = judge(next);
  const since = status === before.status ? before.since : timestamp;
  return { ...next, status, reason, since };
}

function judge({ status, reason, phase, waiting }: Activity): [ActivityStatus, string | null] {
  if (waiting !== null) return ["waiting", waiting.reason];
  if (phase === "waiting") return ["waiting", null];
  // `ended` comes with the finalization, which says how.
  if (phase === "ended") return [status, reason];
  if (phase === "idle") return ["idle", null];
  // The main agent rests, what it started in the background does not.
  return ["running", phase === "paused" ? "background tasks" : null];
}

function waitingOf(value: unknown): Activity["waiting"] {
  if (!isObject(value)) return typeof value === "string" ? waitingOf({ reason: value }) : null;
  return {
    reason: textOf(value["reason"]) ?? "input",
    tool: textOf(value["tool"]),
    detail: textOf(value["summary"] ?? value["message"]),
    since: textOf(value["since"]),
  };
}

function doingOf(value: unknown): Activity["doing"] {
  if (!isObject(value)) return typeof value === "string" ? doingOf({ tool: value }) : null;
  const tool = textOf(value["tool"] ?? value["name"]);
  if (tool === null) return null;
  return { tool, detail: textOf(value["summary"]), since: textOf(value["since"]) };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, textLength) : null;
}
