import type {
  ListQuery,
  SessionId,
  SessionMetadata,
  SessionPage,
  SessionStatus,
  Stats,
} from "@sessions/contract";
import { sessionStatuses } from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";
import type { Projection } from "../domain/sessions.ts";
import type { Transcripts } from "../domain/transcripts.ts";

export interface CatalogRow {
  readonly metadata: SessionMetadata;
  readonly transcripts: Transcripts;
  /** Position of the session's creation. */
  readonly created: number;
  /** Position of its last event. */
  readonly active: number;
}

export interface Catalog extends Projection {
  readonly size: number;
  has(sessionId: SessionId): boolean;
  get(sessionId: SessionId): CatalogRow | undefined;
  caseTwinOf(sessionId: SessionId): SessionId | undefined;
  put(row: CatalogRow): void;
  remove(sessionId: SessionId): void;
  /** Least recently active first. */
  rows(): CatalogRow[];
  list(query: ListQuery): SessionPage;
  recent(limit: number, status?: SessionStatus): SessionMetadata[];
  stats(): Stats;
}

const counted = [
  "actions",
  "responses",
  "goals",
  "goalsCompleted",
  "agents",
  "agentsRunning",
] as const;

/** The index of all sessions, in memory: one row each, kept in the order of their last activity. */
export function createCatalog(): Catalog {
  // A Map iterates in insertion order; a session that gets an event is taken out and put in again.
  const rows = new Map<SessionId, CatalogRow>();
  const byLowerCase = new Map<string, SessionId>();
  const statusCounts = Object.fromEntries(sessionStatuses.map((status) => [status, 0])) as Record<
    SessionStatus,
    number
  >;
  const sums = Object.fromEntries(counted.map((name) => [name, 0])) as Record<
    (typeof counted)[number],
    number
  >;

  function tally({ status, counts }: SessionMetadata, sign: 1 | -1): void {
    statusCounts[status] += sign;
    for (const name of counted) sums[name] += sign * counts[name];
  }

  function take(sessionId: SessionId): CatalogRow | undefined {
    const row = rows.get(sessionId);
    if (row === undefined) return undefined;
    rows.delete(sessionId);
    tally(row.metadata, -1);
    return row;
  }

  function put(row: CatalogRow): void {
    const { sessionId } = row.metadata;
    take(sessionId);
    rows.set(sessionId, row);
    byLowerCase.set(sessionId.toLowerCase(), sessionId);
    tally(row.metadata, 1);
  }

  function remove(sessionId: SessionId): void {
    if (take(sessionId) !== undefined) byLowerCase.delete(sessionId.toLowerCase());
  }

  function newestFirst(sort: ListQuery["sort"]): CatalogRow[] {
    const all = [...rows.values()];
    if (sort === "created") return all.sort((a, b) => b.created - a.created);
    return all.reverse();
  }

  return {
    get size() {
      return rows.size;
    },
    has: (sessionId) => rows.has(sessionId),
    get: (sessionId) => rows.get(sessionId),
    caseTwinOf(sessionId) {
      const twin = byLowerCase.get(sessionId.toLowerCase());
      return twin === sessionId ? undefined : twin;
    },
    put,
    remove,
    apply({ position, event }, session) {
      if (session === undefined) return remove(event.sessionId);
      const first = event.type === "session_restored" ? event.data.created : position;
      const created = rows.get(event.sessionId)?.created ?? first;
      const { metadata, transcripts } = session;
      put({ metadata, transcripts, created, active: position });
    },
    rows: () => [...rows.values()],
    list(query) {
      const matches = filterOf(query);
      const key = query.sort === "created" ? "created" : "active";
      const before = query.cursor === undefined ? Infinity : parseCursor(query.cursor);
      const sessions: SessionMetadata[] = [];
      let total = 0;
      let last = 0;
      let hasMore = false;
      for (const row of newestFirst(query.sort)) {
        if (!matches(row.metadata)) continue;
        total += 1;
        if (row[key] >= before) continue;
        if (sessions.length === query.limit) {
          hasMore = true;
          continue;
        }
        sessions.push(row.metadata);
        last = row[key];
      }
      return { sessions, nextCursor: hasMore ? `p${last}` : null, total };
    },
    recent(limit, status) {
      const found: SessionMetadata[] = [];
      for (const { metadata } of newestFirst("activity")) {
        if (found.length === limit) break;
        if (status === undefined || metadata.status === status) found.push(metadata);
      }
      return found;
    },
    stats: () => ({
      total: rows.size,
      active: statusCounts.active,
      completed: statusCounts.completed,
      byStatus: { ...statusCounts },
      ...sums,
    }),
  };
}

/** `p` and the position of the last row of the page before. */
function parseCursor(cursor: string): number {
  const position = /^p(\d{1,15})$/.exec(cursor)?.[1];
  if (position !== undefined) return Number(position);
  const message = "is not a cursor that this service gave";
  throw new ServiceError("invalid_request", `cursor ${message}`, {
    errors: [{ field: "?cursor", message }],
  });
}

function filterOf({ status, userId, label, parent, q }: ListQuery) {
  const labels = label?.map((text) => {
    const colon = text.indexOf(":");
    return [text.slice(0, colon), text.slice(colon + 1)] as const;
  });
  const needle = q?.toLowerCase();
  return (metadata: SessionMetadata): boolean =>
    (status === undefined || metadata.status === status) &&
    (userId === undefined || metadata.userId === userId) &&
    (parent === undefined || metadata.parentSession === parent) &&
    (labels === undefined || labels.every(([key, value]) => metadata.labels[key] === value)) &&
    (needle === undefined || textOf(metadata).includes(needle));
}

function textOf({ sessionId, name, userId, model, labels }: SessionMetadata): string {
  return [sessionId, name, userId, model, ...Object.values(labels)].join("\n").toLowerCase();
}
