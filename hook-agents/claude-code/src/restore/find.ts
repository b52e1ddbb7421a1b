import { isObject, listOf, numberOf, textOf } from "../mapping/payload.ts";
import { type Reply, Refusal, type ServiceClient } from "../service-client.ts";
import type { Place } from "../transcripts/place.ts";
import { RestoreError } from "./options.ts";

/** A session as the service shows it. */
export interface FoundSession {
  readonly sessionId: string;
  readonly metadata: Record<string, unknown>;
  readonly state: Record<string, unknown>;
}

/** What is kept of one Claude session. */
export interface FoundTranscripts {
  readonly claudeSession: string;
  readonly main: Place;
  /** Names below the main one, which is "". */
  readonly names: readonly string[];
}

interface Listed extends Place {
  readonly seq: number;
  readonly mtime: number;
}

/** The CLI resumes nothing else. */
const claudeId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param inside the session that the Claude session may be a part of */
export async function findSession(
  client: ServiceClient,
  id: string,
  inside: string | undefined,
): Promise<{ session: FoundSession; claudeSession?: string }> {
  const named = await readSession(client, id);
  if (named) return { session: named };
  if (inside !== undefined && inside !== id) {
    const listed = await list(client, inside);
    const session = listed.some(({ subpath }) => subpath === `claude/${id}`)
      ? await readSession(client, inside)
      : undefined;
    if (session) return { session, claudeSession: id };
  }
  const query = `label=${encodeURIComponent(`claudeSession:${id}`)}&limit=1`;
  const reply = await client.call("GET", `/api/sessions?${query}`);
  const sessionId = textOf(listOf(reply.body, "sessions")[0], "sessionId");
  const session = sessionId === undefined ? undefined : await readSession(client, sessionId);
  if (session) return { session, claudeSession: id };
  throw new RestoreError("not_found", `the service knows no session ${id}`);
}

async function readSession(client: ServiceClient, id: string): Promise<FoundSession | undefined> {
  const path = `/api/sessions/${encodeURIComponent(id)}?fields=metadata,state`;
  const reply = await client.call("GET", path);
  if (reply.code === "session_not_found" || reply.status === 400) return undefined;
  const { metadata, state } = objectOf(reply);
  const sessionId = textOf(metadata, "sessionId") ?? id;
  return {
    sessionId,
    metadata: isObject(metadata) ? metadata : {},
    state: isObject(state) ? state : {},
  };
}

/** The Claude session that wrote last, unless one is named. */
export async function findTranscripts(
  client: ServiceClient,
  sessionId: string,
  wanted: string | undefined,
): Promise<FoundTranscripts | undefined> {
  const listed = await list(client, sessionId);
  const [latest] = listed
    .flatMap((each) => {
      const claudeSession = each.subpath === null ? sessionId : claudeSessionOf(each.subpath);
      const isIt = claudeSession !== undefined && claudeId.test(claudeSession);
      return isIt && (wanted ?? claudeSession) === claudeSession
        ? [{ ...each, claudeSession }]
        : [];
    })
    .toSorted((a, b) => b.mtime - a.mtime || b.seq - a.seq);
  if (!latest) return undefined;
  const { projectKey, subpath, claudeSession } = latest;
  const prefix = subpath === null ? "" : `${subpath}/`;
  const names = listed.flatMap((each) => {
    if (each.projectKey !== projectKey || each.subpath === null || each.subpath === subpath)
      return [];
    const isBelow = each.subpath.startsWith(prefix);
    const isOther = subpath === null && each.subpath.startsWith("claude/");
    return isBelow && !isOther ? [each.subpath.slice(prefix.length)] : [];
  });
  return { claudeSession, main: { projectKey, subpath }, names: ["", ...names] };
}

const claudeSessionOf = (subpath: string) => /^claude\/([^/]+)$/.exec(subpath)?.[1];

async function list(client: ServiceClient, sessionId: string): Promise<Listed[]> {
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/transcripts`;
  const reply = await client.call("GET", path);
  if (reply.code === "session_not_found") return [];
  return listOf(objectOf(reply), "transcripts").map((each) => ({
    projectKey: textOf(each, "projectKey") ?? "",
    subpath: textOf(each, "subpath") ?? null,
    seq: numberOf(each, "seq") ?? 0,
    mtime: numberOf(each, "mtime") ?? 0,
  }));
}

function objectOf(reply: Reply): Record<string, unknown> {
  if (reply.status !== 200 || !isObject(reply.body)) throw new Refusal(reply);
  return reply.body;
}
