/** An agent that sends heartbeats and has been silent for so long is gone, ms. */
export const heartbeatTimeoutMs = 90_000;
/** The same for one that never sent any: a long tool call is silent too. */
export const silenceTimeoutMs = 900_000;

interface LastSigns {
  lastActivityAt: string;
  activity: { status: string; heartbeatAt: string | null };
}

/** True when a session that should be alive has given no sign of it for too long. No import, so that a page can have it alone. */
export function hasNoHeartbeat({ lastActivityAt, activity }: LastSigns, nowMs: number): boolean {
  if (activity.status !== "running" && activity.status !== "waiting") return false;
  // Who waits for a person and never sent any is silent for as long as the person is.
  if (activity.status === "waiting" && activity.heartbeatAt === null) return false;
  const timeoutMs = activity.heartbeatAt === null ? silenceTimeoutMs : heartbeatTimeoutMs;
  return nowMs - Date.parse(lastActivityAt) > timeoutMs;
}
