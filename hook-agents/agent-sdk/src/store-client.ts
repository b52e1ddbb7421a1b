import {
  type SessionKey,
  type SessionListing,
  type SessionStoreEntry,
  SessionStoreError,
} from "./api.ts";
import { type Call, type HttpClient, textOf } from "./http.ts";
import { readJsonLines } from "./lines.ts";

/** What was folded of a main transcript's first `seq` entries. */
export interface KeptSummary {
  readonly data: Record<string, unknown>;
  readonly seq: number;
}

/** A main transcript as the service lists it: `seq` entries so far. */
export interface ListedSummary {
  readonly seq: number;
  readonly mtime: number;
  readonly summary: KeptSummary | null;
}

export interface EntryRange {
  /** From the entry after the first `after`. */
  readonly after?: number;
  readonly limit?: number;
}

/** The service's calls for transcripts. Each throws `unavailable` when the service isn't there in time. */
export interface StoreClient {
  /** Hands over entry by entry, from the start again when the connection breaks. @returns undefined when there is no such transcript */
  readEntries<Fold>(
    key: SessionKey,
    range: EntryRange,
    begin: () => Fold,
    add: (fold: Fold, entry: SessionStoreEntry) => Fold,
  ): Promise<Fold | undefined>;
  listSessions(projectKey: string): Promise<SessionListing[]>;
  listSummaries(projectKey: string): Promise<(ListedSummary & { sessionId: string })[]>;
  listSubkeys(key: SessionKey): Promise<string[]>;
  getSummary(key: SessionKey): Promise<ListedSummary | undefined>;
  /** @param base the `seq` of the summary that this one goes on from. @returns false when another one was first */
  putSummary(key: SessionKey, summary: KeptSummary, base: number): Promise<boolean>;
  deleteTranscript(key: SessionKey): Promise<void>;
}

const absences = new Set(["session_not_found", "transcript_not_found"]);

export function createStoreClient(http: HttpClient, timeoutMs: number): StoreClient {
  const call = async <Result>(
    request: Call,
    read: (body: AsyncIterable<Buffer>) => Promise<Result>,
    isAnswer: (code: string) => boolean = () => false,
  ): Promise<Result | undefined> => {
    const answer = await http.call(request, timeoutMs, read);
    if ("result" in answer) return answer.result;
    const { status, code, detail } = answer.problem;
    if (isAnswer(code)) return undefined;
    const what = `${request.method} ${request.path}`;
    throw new SessionStoreError("refused", `${what} was answered ${status} ${code}: ${detail}`);
  };
  const isAbsence = (code: string) => absences.has(code);
  const get = async <Member extends string, Value>(path: string, member: Member) => {
    const answer = await call({ method: "GET", path }, readJson);
    return (answer as Record<Member, Value>)[member];
  };

  return {
    readEntries: ({ subpath, ...key }, range, begin, add) => {
      const query = new URLSearchParams({
        ...(subpath !== undefined && { subpath }),
        ...(range.after !== undefined && { after: String(range.after) }),
        ...(range.limit !== undefined && { limit: String(range.limit) }),
      });
      const path = `${sessionPath(key)}/entries?${query.toString()}`;
      const read = async (body: AsyncIterable<Buffer>) => {
        let fold = begin();
        await readJsonLines(body, (entry) => {
          fold = add(fold, entry as SessionStoreEntry);
        });
        return fold;
      };
      return call({ method: "GET", path }, read, isAbsence);
    },
    async listSessions(projectKey) {
      const path = `${projectPath(projectKey)}/sessions`;
      const sessions = await get<"sessions", SessionListing[]>(path, "sessions");
      return sessions.map(({ sessionId, mtime }) => ({ sessionId, mtime }));
    },
    listSummaries: (projectKey) => get(`${projectPath(projectKey)}/summaries`, "summaries"),
    listSubkeys: (key) => get(`${sessionPath(key)}/subkeys`, "subkeys"),
    getSummary: (key) =>
      call(
        { method: "GET", path: `${sessionPath(key)}/summary` },
        readJson<ListedSummary>,
        isAbsence,
      ),
    async putSummary(key, summary, base) {
      const path = `${sessionPath(key)}/summary`;
      const isLate = (code: string) => code === "version_mismatch" || isAbsence(code);
      const body = { ...summary, base };
      return (await call({ method: "PUT", path, body }, textOf, isLate)) !== undefined;
    },
    async deleteTranscript(key) {
      const query = key.subpath === undefined ? "" : `?subpath=${encodeURIComponent(key.subpath)}`;
      await call({ method: "DELETE", path: sessionPath(key) + query }, textOf);
    },
  };
}

const projectPath = (projectKey: string) => `v1/store/${projectKey}`;
const sessionPath = ({ projectKey, sessionId }: SessionKey) =>
  `${projectPath(projectKey)}/sessions/${sessionId}`;

async function readJson<Value>(body: AsyncIterable<Buffer>): Promise<Value> {
  return JSON.parse(await textOf(body)) as Value;
}
