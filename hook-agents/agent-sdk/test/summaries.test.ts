import { randomUUID } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createService, type Service, shareService } from "../../node/test/support/service.ts";
import type { SessionKey, SessionStoreEntry } from "../src/main.ts";
import { loadAgentSdk, refold } from "./support/agent-sdk.ts";
import { createStore, messages, newKey } from "./support/store.ts";

const loaded = await loadAgentSdk();
const shared = shareService();

interface Listed {
  sessionId: string;
  seq: number;
  mtime: number;
  summary: { data: Record<string, unknown>; seq: number } | null;
}

/** What the service keeps, without any help. */
async function kept({ url }: Service, { projectKey, sessionId }: SessionKey): Promise<Listed> {
  const response = await fetch(`${url}/v1/store/${projectKey}/summaries`);
  const { summaries } = (await response.json()) as { summaries: Listed[] };
  const row = summaries.find((each) => each.sessionId === sessionId);
  if (!row) throw new Error("not listed");
  return row;
}

/** All that a summary is made of, in every order. */
function talk(turns: number): SessionStoreEntry[] {
  return Array.from({ length: turns }, (_, turn) => [
    { type: "mode", mode: "default" },
    ...messages(1, turn).map((entry) => ({
      ...entry,
      cwd: `/work/${turn}`,
      gitBranch: `b-${turn}`,
    })),
    { type: "last-prompt", lastPrompt: `prompt ${turn}` },
    { type: "summary", summary: `so far ${turn}` },
    { type: "custom-title", customTitle: `title ${turn}`, uuid: randomUUID() },
    { type: "tag", tag: turn % 2 === 0 ? `tag ${turn}` : "", uuid: randomUUID() },
  ]).flat();
}

describe.skipIf(!loaded)("a session's summary", () => {
  const sdk = loaded as NonNullable<typeof loaded>;
  const { foldSessionSummary } = sdk ?? {};
  const open = (url: string) => createStore({ serviceUrl: url, foldSessionSummary });

  it("equals what the SDK folds of the whole transcript, whoever wrote it and however it came", async () => {
    const { url } = shared.current;
    const [one, two] = [open(url), open(url)];
    const key = newKey();
    const entries = talk(8);
    const check = async () => {
      await Promise.all([one, two].map((store) => store.flush({ timeoutMs: 10_000 })));
      const all = (await one.load(key)) ?? [];
      const data = refold(sdk, key, all);
      for (const store of [one, two]) {
        const summaries = await store.listSessionSummaries(key.projectKey);
        const [listed] = await store.listSessions(key.projectKey);
        expect(summaries).toEqual([{ sessionId: key.sessionId, mtime: listed?.mtime, data }]);
      }
      expect((await kept(shared.current, key)).summary).toEqual({ seq: all.length, data });
    };
    await one.append(key, entries.slice(0, 10));
    await check();
    await two.append(key, entries.slice(10, 20));
    await check();
    await one.append(key, entries.slice(20, 30));
    await check();
    // Some of them again, and some new ones.
    await two.append(key, entries.slice(5, 32));
    await check();
    await Promise.all([one.append(key, entries.slice(32, 40)), two.append(key, entries.slice(40))]);
    await check();
  });

  it("sees what somebody else put between this process's own entries", async () => {
    const store = open(shared.current.url);
    const key = newKey();
    const [a, b, c] = messages(3);
    const titled = { type: "custom-title", customTitle: "from elsewhere", uuid: randomUUID() };
    if (!a || !b || !c) return;
    await store.append(key, [a, b]);
    await store.flush();
    const { projectKey, sessionId } = key;
    await shared.current.post(`/v1/store/${projectKey}/sessions/${sessionId}/entries`, [titled]);
    const [listed] = await store.listSessionSummaries(projectKey);
    expect(listed?.data["customTitle"]).toBe("from elsewhere");

    // As many as if the foreign one were not there, because one of them was there already.
    const second = newKey();
    await store.append(second, [a, b]);
    await store.flush();
    const path = `/v1/store/${second.projectKey}/sessions/${second.sessionId}/entries`;
    await shared.current.post(path, [titled]);
    await store.append(second, [a, c]);
    await store.flush();
    expect(await kept(shared.current, second)).toMatchObject({
      seq: 4,
      summary: { seq: 4, data: { customTitle: "from elsewhere" } },
    });

    // More than before, so that what is folded here would look like an advance.
    const third = newKey();
    await store.append(third, [a]);
    await store.flush();
    const there = `/v1/store/${third.projectKey}/sessions/${third.sessionId}/entries`;
    await shared.current.post(there, [titled]);
    await store.append(third, [b, c]);
    await store.flush();
    expect((await kept(shared.current, third)).summary?.data).toEqual(
      refold(sdk, third, [a, titled, b, c]),
    );
  });

  it("is brought up in the background, without being asked for", async () => {
    const store = open(shared.current.url);
    const key = newKey();
    const entries = talk(4);
    for (const count of [6, 12, 24]) {
      await store.append(key, entries.slice(count === 6 ? 0 : count / 2, count));
      await expect
        .poll(async () => (await kept(shared.current, key)).summary?.seq, { timeout: 10_000 })
        .toBe(count);
      expect((await kept(shared.current, key)).summary?.data).toEqual(
        refold(sdk, key, entries.slice(0, count)),
      );
    }
  });

  it("is brought up by a flush, and of a subagent's transcript there is none", async () => {
    const store = open(shared.current.url);
    const key = newKey();
    await store.append(key, talk(2));
    await store.append({ ...key, subpath: "subagents/agent-1" }, talk(2));
    expect(await store.flush({ timeoutMs: 10_000 })).toBe(true);
    expect((await kept(shared.current, key)).summary?.seq).toBe(12);
    expect(await store.listSessionSummaries(key.projectKey)).toHaveLength(1);
  });

  it("begins anew with a transcript that was deleted", async () => {
    const store = open(shared.current.url);
    const key = newKey();
    const [old, next] = [talk(3), talk(1)];
    await store.append(key, old);
    await store.flush();
    await store.delete(key);
    expect(await store.listSessionSummaries(key.projectKey)).toEqual([]);
    await store.append(key, next);
    await store.flush();
    const [summary] = await store.listSessionSummaries(key.projectKey);
    expect(summary?.data).toEqual(refold(sdk, key, next));
  });

  it("of a prompt too long to be kept is folded for each listing", async () => {
    const store = open(shared.current.url);
    const key = newKey();
    const entries = [...talk(1), { type: "last-prompt", lastPrompt: "x".repeat(70_000) }];
    for (let n = 0; n < 3; n += 1) {
      await store.append(key, entries);
      await store.flush();
    }
    const all = (await store.load(key)) ?? [];
    const [summary] = await store.listSessionSummaries(key.projectKey);
    expect(summary?.data).toEqual(refold(sdk, key, all));
    expect((await kept(shared.current, key)).summary).toBeNull();
    expect(store.warnings).toEqual([]);
  });

  it("is older than its session when the SDK isn't there to fold it", async () => {
    const { url } = shared.current;
    const key = newKey();
    const stranger = newKey({ projectKey: key.projectKey });
    const first = open(url);
    await first.append(key, talk(1));
    await first.close();
    const without = createStore({ serviceUrl: url, foldSessionSummary: undefined });
    await without.append(key, talk(1));
    await without.append(stranger, talk(1));
    const [listed] = (await without.listSessions(key.projectKey)).filter(
      ({ sessionId }) => sessionId === key.sessionId,
    );
    const summaries = await without.listSessionSummaries(key.projectKey);
    expect(summaries.map(({ sessionId }) => sessionId)).toEqual([key.sessionId]);
    expect(summaries[0]?.mtime).toBeLessThan(listed?.mtime ?? 0);
    expect(without.warnings).toEqual([expect.stringContaining("no session summaries are kept")]);
  });

  it("never delays an append, nor the end of the process's work, while the service is away", async () => {
    const service = await createService();
    const store = open(service.url);
    const key = newKey();
    const entries = talk(10);
    for (let from = 0; from < entries.length; from += 6)
      await store.append(key, entries.slice(from, from + 6));
    await service.start();
    expect(await store.flush({ timeoutMs: 10_000 })).toBe(true);
    expect((await kept(service, key)).summary?.data).toEqual(refold(sdk, key, entries));
  });
});
