import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { createAgent, range } from "./support/agent.ts";
import { shareService } from "./support/service.ts";

const shared = shareService();
const place = { projectKey: "-work-app" };

async function load(sessionId: string, subpath = ""): Promise<unknown[]> {
  const query = subpath === "" ? "" : `?subpath=${subpath}`;
  const path = `/v1/store/-work-app/sessions/${sessionId}/entries${query}`;
  const text = await (await fetch(shared.current.url + path)).text();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

it("ships the entries of transcripts as they are, in order", async () => {
  const sessionId = "entries";
  const agent = createAgent({ serviceUrl: shared.current.url, sessionId });
  const entries = [
    {
      uuid: "u-1",
      text: "ä\u2028",
      deep: JSON.parse("[".repeat(200) + "]".repeat(200)) as unknown,
    },
    { type: "mode", number: 1e300, huge: 9007199254740992 },
    { uuid: "u-2", image: "x".repeat(3_000_000) },
  ];
  for (const entry of entries) agent.logEntry(place, entry);
  agent.logEntry({ ...place, subpath: "subagents/agent-1" }, { uuid: "u-1" });
  agent.logEntry({ ...place, subpath: null }, { uuid: "u-1", text: "again" });
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);

  expect(agent.stats()).toMatchObject({ sent: 5, duplicates: 1, rejected: 0, shortened: 0 });
  expect(await load(sessionId)).toEqual(entries);
  expect(await load(sessionId, "subagents/agent-1")).toEqual([{ uuid: "u-1" }]);
});

it("gives up records and keeps entries when the spool is full", async () => {
  const sessionId = "full";
  const limits = { spoolBytes: 300_000 };
  const agent = createAgent({ serviceUrl: "http://127.0.0.1:9", sessionId, limits });
  const entry = (n: number) => ({ uuid: `u-${n}`, text: "x".repeat(2_000) });
  range(0, 50).forEach((n) => {
    agent.logEntry(place, entry(n));
    agent.logAction({ type: "step", text: "x".repeat(20_000) });
  });
  expect(agent.stats().shortened).toBeGreaterThan(0);
  await agent.close({ timeoutMs: 0 });

  const heir = createAgent({
    serviceUrl: shared.current.url,
    sessionId,
    spoolDirectory: agent.spoolDirectory,
  });
  expect(await heir.flush({ timeoutMs: 10_000 })).toBe(true);
  expect(await load(sessionId)).toEqual(range(0, 50).map(entry));
});

it("sets aside what the heir of its lease has made too late", async () => {
  const sessionId = "fenced";
  const serviceUrl = shared.current.url;
  const lease = (body: object) => shared.current.post(`/api/sessions/${sessionId}/lease`, body);
  const agent = createAgent({ serviceUrl, sessionId, leaseEpoch: () => 1 });
  await shared.current.post("/api/sessions", { sessionId });
  await lease({ owner: "first" });
  agent.logAction({ type: "in time" });
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
  await lease({ owner: "second", force: true });

  const late = agent.logAction({ type: "late" });
  expect(await late.receipt).toMatchObject({
    outcome: "rejected",
    problem: { status: 412, code: "stale_epoch" },
  });
  const types = (await shared.current.actions(sessionId)).map(({ type }) => type);
  expect(types).toEqual(["in time"]);
  const rejected = join(agent.spoolDirectory, sessionId, "rejected.jsonl");
  expect(readFileSync(rejected, "utf8")).toContain('"late"');
});
