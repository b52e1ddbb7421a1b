import type { SearchQuery, SearchResult, SessionId } from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";
import type { Catalog, CatalogRow } from "./catalog.ts";
import type { HistoryView } from "./history.ts";
import type { StoredLine } from "./log-line.ts";

/** A search reads files: past this it stops and says where it would go on, ms. */
const timeLimitMs = 2_000;
const snippetLength = 160;

export type Search = (query: SearchQuery) => Promise<SearchResult>;

type Hit = SearchResult["results"][number];

/** Text in any event, whatever its case: the sessions with the latest activity first, oldest event first in each. */
export function createSearch(catalog: Catalog, history: HistoryView): Search {
  return async ({ q, session, type, after, limit }) => {
    const deadline = Date.now() + timeLimitMs;
    // The files hold JSON: what it escapes in a string is escaped in the needle too.
    const needle = JSON.stringify(q).slice(1, -1).toLowerCase();
    const from = after === undefined ? undefined : parseCursor(after);
    const results: Hit[] = [];
    let sessionsSearched = 0;

    for (const row of rowsToSearch(session, from?.active)) {
      const { sessionId } = row.metadata;
      let offset = from !== undefined && row.active === from.active ? from.offset : 0;
      const stop = (stoppedBy: "time" | "limit"): SearchResult => ({
        results,
        complete: false,
        stoppedBy,
        next: `${row.active}.${offset}`,
        sessionsSearched,
      });
      for await (const lines of history.events(sessionId, offset)) {
        for (const line of lines) {
          if (results.length === limit) return stop("limit");
          const hit = find(sessionId, line, needle, type);
          if (hit !== undefined) results.push(hit);
          offset = line.offset;
        }
        if (Date.now() > deadline) return stop("time");
      }
      sessionsSearched += 1;
      if (Date.now() > deadline) return stop("time");
    }
    return { results, complete: true, stoppedBy: null, next: null, sessionsSearched };
  };

  function rowsToSearch(session: SessionId | undefined, fromActive: number | undefined) {
    if (session !== undefined) {
      const row = catalog.get(session);
      if (row === undefined) throw new ServiceError("session_not_found", `no session ${session}`);
      return [row];
    }
    const newestFirst = catalog.rows().reverse();
    return fromActive === undefined
      ? newestFirst
      : newestFirst.filter((row: CatalogRow) => row.active <= fromActive);
  }
}

function find(
  sessionId: SessionId,
  { offset, type: eventType, timestamp, data }: StoredLine,
  needle: string,
  type: string | undefined,
): Hit | undefined {
  const at = data.toLowerCase().indexOf(needle);
  if (at === -1) return undefined;
  if (type !== undefined && type !== eventType && typeOf(data) !== type) return undefined;
  const begin = Math.max(0, at - (snippetLength - needle.length) / 2);
  const snippet = data.slice(begin, begin + snippetLength);
  return { sessionId, offset, type: eventType, timestamp, snippet };
}

/** A record's own type. */
function typeOf(data: string): unknown {
  return (JSON.parse(data) as { type?: unknown }).type;
}

function parseCursor(cursor: string): { active: number; offset: number } {
  const [, active, offset] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (active !== undefined) return { active: Number(active), offset: Number(offset) };
  const message = "is not a cursor that this service gave";
  throw new ServiceError("invalid_request", `after ${message}`, {
    errors: [{ field: "?after", message }],
  });
}
