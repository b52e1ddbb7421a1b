import { statusOf, wantsAttention } from "../core/status.ts";
import type { Session } from "../core/wire.ts";

/** Who waits comes first, the longest at the top. */
export function attentionOf(
  sessions: ReadonlyMap<string, Session>,
  named: readonly Session[],
  nowMs: number,
): Session[] {
  const known = new Map(named.map((session) => [session.sessionId, session]));
  for (const [sessionId, session] of sessions) known.set(sessionId, session);
  const rank = (session: Session) => (statusOf(session, nowMs) === "waiting" ? 0 : 1);
  return [...known.values()]
    .filter((session) => wantsAttention(session, nowMs))
    .sort((a, b) => rank(a) - rank(b) || a.activity.since.localeCompare(b.activity.since));
}
