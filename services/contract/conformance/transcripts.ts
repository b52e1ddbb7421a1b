import type { Client } from "./client.ts";
import { assert } from "./platform.ts";

type Entry = Record<string, unknown>;

/** A project of its own for each case, so that listings show only what is the case's. */
export function openTranscripts(client: Client) {
  const projectKey = client.newId("p");
  const params = (sessionId: string) => ({ projectKey, sessionId });
  const at = (subpath?: string) => (subpath === undefined ? {} : { subpath });
  return {
    projectKey,
    params,
    append: (sessionId: string, entries: readonly Entry[], subpath?: string, key?: string) =>
      client.ok("appendEntries", {
        params: params(sessionId),
        query: at(subpath),
        body: entries,
        ...(key !== undefined && { headers: { "idempotency-key": key } }),
      }),
    async load(sessionId: string, subpath?: string, more: Record<string, number> = {}) {
      const call = { params: params(sessionId), query: { ...at(subpath), ...more } };
      const { status, text } = await client.raw("getEntries", call);
      if (status === 404) return null;
      assert.equal(status, 200, text);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Entry);
    },
    subkeys: async (sessionId: string) =>
      (await client.ok("listSubkeys", { params: params(sessionId) })).subkeys,
    sessions: async () =>
      (await client.ok("listStoreSessions", { params: { projectKey } })).sessions,
    summaries: async () => (await client.ok("listSummaries", { params: { projectKey } })).summaries,
  };
}

/** Entries `u-0`, `u-1` … */
export const lines = (count: number, from = 0): Entry[] =>
  Array.from({ length: count }, (_, n) => ({ type: "user", uuid: `u-${from + n}`, n: from + n }));
