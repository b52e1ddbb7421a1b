import { hasNoHeartbeat } from "@sessions/contract/heartbeat";

import type { Session } from "./wire.ts";

/** What the page shows, in the order in which it wants attention. */
export const shownStatuses = [
  "waiting",
  "failed",
  "no_heartbeat",
  "running",
  "idle",
  "stopped",
  "completed",
] as const;
export type ShownStatus = (typeof shownStatuses)[number];

export const statusWords: Readonly<Record<ShownStatus, string>> = {
  waiting: "waiting",
  failed: "failed",
  no_heartbeat: "no heartbeat",
  running: "running",
  idle: "idle",
  stopped: "stopped",
  completed: "done",
};

/** The service folds the status; only silence is a matter of the present moment. */
export function statusOf(session: Session, nowMs: number): ShownStatus {
  return hasNoHeartbeat(session, nowMs) ? "no_heartbeat" : session.activity.status;
}

/** Failed sessions ask for attention for so long, ms. */
const failedMs = 86_400_000;

export function wantsAttention(session: Session, nowMs: number): boolean {
  const status = statusOf(session, nowMs);
  if (status === "failed") return nowMs - Date.parse(session.activity.since) < failedMs;
  return status === "waiting" || status === "no_heartbeat";
}
