import { isMembers, listOf, numberOf, requireList, requireMembers, textOf } from "./guards.ts";
import { apiKey, wantKey } from "./key.ts";
import {
  type Event,
  type FleetSummary,
  type Session,
  asEvent,
  readFleet,
  readSession,
} from "./wire.ts";

/** The service said no, in its words; `status` 0: it could not be reached. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Such as a session that is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof RefusedError && error.status === 404;

/** @throws RefusedError */
async function send(method: string, path: string, body?: string, type?: string): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  const key = apiKey.value;
  if (key !== null) headers["authorization"] = `Bearer ${key}`;
  if (body !== undefined) headers["content-type"] = type ?? "application/json";
  const init: RequestInit = { method, headers, cache: "no-store" };
  if (body !== undefined) init.body = body;
  const answer = await fetch(path, init).catch((cause: unknown) => {
    throw new RefusedError(0, "unreachable", `the service can't be reached (${String(cause)})`);
  });
  if (answer.ok) return answer;
  // An answer that comes late says nothing about the key that was given meanwhile.
  if (answer.status === 401 && key === apiKey.value) wantKey();
  const problem: unknown = await answer.json().catch(() => undefined);
  const detail = textOf(problem, "detail") ?? `the service answered ${answer.status}`;
  throw new RefusedError(answer.status, textOf(problem, "code") ?? "unknown", detail);
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await send(method, path, body === undefined ? undefined : JSON.stringify(body));
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedError(answer.status, "malformed", "the service's answer is not JSON");
  }
}

const sessionPath = (sessionId: string) => `/api/sessions/${encodeURIComponent(sessionId)}`;

export interface SessionFilter {
  q?: string;
  userId?: string;
  label?: string;
}
export interface SessionPage {
  sessions: Session[];
  nextCursor: string | null;
  total: number;
}

export async function listSessions(
  filter: SessionFilter,
  limit: number,
  cursor?: string,
): Promise<SessionPage> {
  const given = Object.entries({ ...filter, cursor }).filter(([, value]) => value);
  const query = new URLSearchParams(given as [string, string][]);
  query.set("limit", String(limit));
  const page = await ask("GET", `/api/sessions?${query}`);
  return {
    sessions: requireList(page, "sessions", "the page").map(readSession),
    nextCursor: textOf(page, "nextCursor") ?? null,
    total: numberOf(page, "total") ?? 0,
  };
}

export async function getFleet(): Promise<FleetSummary> {
  return readFleet(await ask("GET", "/api/query/fleet"));
}

export interface SessionDetail {
  session: Session;
  /** The state document; may have any members. */
  state: Readonly<Record<string, unknown>>;
  initial: unknown;
  final: unknown;
}

export async function getSession(sessionId: string): Promise<SessionDetail> {
  const fields = "metadata,state,initial,final";
  const view = await ask("GET", `${sessionPath(sessionId)}?fields=${fields}`);
  const members = requireMembers(view, "the session");
  return {
    session: readSession(members["metadata"]),
    state: isMembers(members["state"]) ? members["state"] : {},
    initial: members["initial"] ?? null,
    final: members["final"] ?? null,
  };
}

export interface EventPage {
  events: Event[];
  /** Hand back as `after` to go on. */
  next: number;
  latest: number;
  hasMore: boolean;
}

/** A session's history from the offset after `after`; data over 16 KiB comes shortened. */
export function getEvents(
  sessionId: string,
  after: number,
  limit: number,
  types: readonly string[] = [],
): Promise<EventPage> {
  const query = new URLSearchParams({ after: String(after), limit: String(limit), preview: "1" });
  if (types.length > 0) query.set("types", types.join(","));
  return eventsOf(sessionId, query);
}

/** One event, whole. @throws Error when the service does not have it any more */
export async function getEvent(sessionId: string, offset: number): Promise<Event> {
  const query = new URLSearchParams({ after: String(offset - 1), limit: "1" });
  const [event] = (await eventsOf(sessionId, query)).events;
  if (event?.offset === offset) return event;
  throw new Error(`the service has no event ${offset} of this session any more`);
}

async function eventsOf(sessionId: string, query: URLSearchParams): Promise<EventPage> {
  const page = await ask("GET", `${sessionPath(sessionId)}/events?${query}`);
  const events = requireList(page, "events", "the history")
    .map(asEvent)
    .filter((event) => event !== undefined);
  return {
    events,
    next: numberOf(page, "next") ?? Number(query.get("after")),
    latest: numberOf(page, "latest") ?? 0,
    hasMore: isMembers(page) && page["hasMore"] === true,
  };
}

export interface SearchHit {
  sessionId: string;
  offset: number;
  type: string;
  timestamp: string;
  snippet: string;
}
export interface SearchAnswer {
  hits: SearchHit[];
  /** False when the service stopped before it had looked everywhere. */
  isComplete: boolean;
}

export async function search(q: string, limit: number): Promise<SearchAnswer> {
  const query = new URLSearchParams({ q, limit: String(limit) });
  const answer = await ask("GET", `/api/query/search?${query}`);
  const hits = requireList(answer, "results", "the search").filter(isMembers);
  return {
    hits: hits.map((hit) => ({
      sessionId: textOf(hit, "sessionId") ?? "",
      offset: numberOf(hit, "offset") ?? 0,
      type: textOf(hit, "type") ?? "",
      timestamp: textOf(hit, "timestamp") ?? "",
      snippet: textOf(hit, "snippet") ?? "",
    })),
    isComplete: isMembers(answer) && answer["complete"] === true,
  };
}

export interface Health {
  status: string;
  version: string;
  /** The journal's last durable position. */
  position: number;
  /** As answered, for the system page. */
  all: Readonly<Record<string, unknown>>;
}

export async function getHealth(): Promise<Health> {
  const all = requireMembers(await ask("GET", "/api/health"), "the health");
  return {
    status: textOf(all, "status") ?? "unknown",
    version: textOf(all, "version") ?? "unknown",
    position: numberOf(all["storage"], "position") ?? 0,
    all,
  };
}

export async function createSession(input: Readonly<Record<string, unknown>>): Promise<string> {
  return textOf(await ask("POST", "/api/sessions", input), "sessionId") ?? "";
}

/** A batch of commands as the contract's `appendEvents` takes it; whole or not at all. */
export async function appendCommands(
  sessionId: string,
  commands: readonly unknown[],
): Promise<void> {
  await ask("POST", `${sessionPath(sessionId)}/events`, commands);
}

export async function finalizeSession(sessionId: string): Promise<void> {
  const body = { status: "stopped", outcome: { reason: "ended in the dashboard" } };
  await ask("POST", `${sessionPath(sessionId)}/finalize`, body);
}

/** One that somebody else has just deleted is gone too. */
export async function deleteSession(sessionId: string): Promise<void> {
  try {
    await ask("DELETE", `${sessionPath(sessionId)}?force=true`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Takes its deletion back, as long as the service keeps what it deleted. */
export async function restoreSession(sessionId: string): Promise<void> {
  await ask("POST", `${sessionPath(sessionId)}/restore`);
}

/** An entry of a transcript may have 16 MiB. */
const exportPageEvents = 500;

/** The session's whole history, a JSON event a line. */
export async function exportSession(sessionId: string): Promise<string> {
  const lines: string[] = [];
  let after = 0;
  for (;;) {
    const page = await ask(
      "GET",
      `${sessionPath(sessionId)}/events?after=${after}&limit=${exportPageEvents}`,
    );
    const events = listOf(page, "events");
    lines.push(...events.map((event) => JSON.stringify(event)));
    const next = numberOf(page, "next") ?? after;
    const hasMore = isMembers(page) && page["hasMore"] === true;
    if (!hasMore || next <= after) return `${lines.join("\n")}\n`;
    after = next;
  }
}
