import { type ShownStatus, shownStatuses, statusOf } from "../core/status.ts";
import type { Session } from "../core/wire.ts";

export const sorts = ["attention", "activity", "created", "name", "cost"] as const;
export type Sort = (typeof sorts)[number];

const rank = new Map(shownStatuses.map((status, index) => [status, index]));

/** Problems first, those that last longest at the top; what runs by its latest activity. */
function byAttention(a: Session, b: Session, nowMs: number): number {
  const statusA = statusOf(a, nowMs);
  const statusB = statusOf(b, nowMs);
  const difference = (rank.get(statusA) ?? 0) - (rank.get(statusB) ?? 0);
  if (difference !== 0) return difference;
  const isProblem = statusA === "waiting" || statusA === "no_heartbeat";
  if (isProblem) return a.activity.since.localeCompare(b.activity.since);
  return b.lastActivityAt.localeCompare(a.lastActivityAt);
}

const cost = ({ activity }: Session) => activity.usage?.costUsd ?? -1;
const nameOf = (session: Session) => session.name ?? session.sessionId;

export function sortSessions(list: readonly Session[], sort: Sort, nowMs: number): Session[] {
  const orders: Record<Sort, (a: Session, b: Session) => number> = {
    attention: (a, b) => byAttention(a, b, nowMs),
    activity: (a, b) => b.lastActivityAt.localeCompare(a.lastActivityAt),
    created: (a, b) => b.createdAt.localeCompare(a.createdAt),
    name: (a, b) => nameOf(a).localeCompare(nameOf(b)),
    cost: (a, b) => cost(b) - cost(a),
  };
  return list.toSorted(orders[sort]);
}

/**
 * The same rows in the order in which they stand, new ones at the end: what is under the pointer stays there
 * while the values in the rows change.
 */
export function keepOrder(before: readonly string[], sorted: readonly Session[]): Session[] {
  const byId = new Map(sorted.map((session) => [session.sessionId, session]));
  const kept: Session[] = [];
  for (const sessionId of before) {
    const session = byId.get(sessionId);
    if (session === undefined) continue;
    kept.push(session);
    byId.delete(sessionId);
  }
  return [...kept, ...byId.values()];
}

export function countByStatus(
  list: Iterable<Session>,
  nowMs: number,
): Readonly<Record<ShownStatus, number>> {
  const counts = Object.fromEntries(shownStatuses.map((status) => [status, 0])) as Record<
    ShownStatus,
    number
  >;
  for (const session of list) counts[statusOf(session, nowMs)] += 1;
  return counts;
}
