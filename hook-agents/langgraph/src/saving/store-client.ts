import type { EntryStore } from "./entry-store.ts";
import { EntryStoreError } from "./entry-store.ts";

export interface StoreClientOptions {
  readonly serviceUrl: string;
  readonly token: string | undefined;
  readonly sessionId: string;
  readonly projectKey: string;
  /** Milliseconds that one request may take. */
  readonly timeoutMs: number;
}

/** The calls of the service that read and delete transcripts. */
export function createStoreClient({
  serviceUrl,
  token,
  sessionId,
  projectKey,
  timeoutMs,
}: StoreClientOptions): Pick<EntryStore, "read" | "list" | "delete"> {
  const base = `${serviceUrl.replace(/\/+$/, "")}/v1/store/${projectKey}/sessions/${sessionId}`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };

  /** @returns undefined when there is no such thing */
  const call = async <T>(
    method: string,
    path: string,
    read: (response: Response) => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(base + path, { method, headers, signal });
      if (response.ok) return await read(response);
      await refuse(response);
      return undefined;
    } catch (error) {
      if (error instanceof EntryStoreError) throw error;
      throw new EntryStoreError("the session store can't be reached", true, { cause: error });
    }
  };

  return {
    read: (subpath, after) =>
      call("GET", `/entries?subpath=${encodeURIComponent(subpath)}&after=${after}`, readLines),
    async list() {
      const answer = await call("GET", "/subkeys", (response) => response.json());
      return (answer as { subkeys: string[] } | undefined)?.subkeys ?? [];
    },
    async delete(subpath) {
      await call("DELETE", `?subpath=${encodeURIComponent(subpath)}`, async () => {});
    },
  };
}

const missing = new Set(["transcript_not_found", "session_not_found"]);
const temporary = new Set([408, 425, 429]);

async function refuse(response: Response): Promise<void> {
  const { status } = response;
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (status === 404 && missing.has(problem.code ?? "")) return;
  throw new EntryStoreError(
    `the session store answered ${status}: ${problem.detail ?? "no problem told"}`,
    status >= 500 || temporary.has(status),
  );
}

/** One JSON value a line. In pieces: all lines together may be more than one string can hold. */
async function readLines(response: Response): Promise<unknown[]> {
  const values: unknown[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) values.push(JSON.parse(line));
  }
  if (rest !== "") values.push(JSON.parse(rest));
  return values;
}
