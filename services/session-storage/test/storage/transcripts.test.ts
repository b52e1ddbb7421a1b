import { cp, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { createClient } from "../support/client.ts";
import { spawnService, startService, temporaryFolder } from "../support/start-service.ts";

type Client = ReturnType<typeof createClient>;

let volume: string;
beforeEach(async () => {
  volume = await temporaryFolder();
});

const store = "/v1/store/-work-app/sessions/s-1";
const agent = "subagents/agent-1";
const entries = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ type: "user", uuid: `u-${from + n}`, n: from + n }));
const append = (client: Client, lines: object[], subpath?: string) =>
  client.post(`${store}/entries${subpath === undefined ? "" : `?subpath=${subpath}`}`, lines);
const linesOf = (text: string) =>
  text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { n: number }]));
async function load(client: Client, subpath?: string): Promise<number[] | null> {
  const query = subpath === undefined ? "" : `?subpath=${subpath}`;
  const { status, body } = await client.get(`${store}/entries${query}`);
  return status === 404 ? null : linesOf(body as string).map(({ n }) => n);
}
const folder = (...names: string[]) => join(volume, "sessions", "s-1", "transcripts", ...names);
const mainFile = () => folder("-work-app.jsonl");
const offsetsOf = async (client: Client) =>
  ((await client.get("/api/sessions/s-1/events")).body.events as { offset: number }[]).map(
    ({ offset }) => offset,
  );
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

/** Two transcripts of a session, 3 and 2 entries, between actions. */
async function write(client: Client): Promise<void> {
  await append(client, entries(0, 2));
  await client.act("s-1");
  await append(client, entries(100, 2), agent);
  await append(client, entries(2, 1));
}

async function expectAll(client: Client, last: number): Promise<void> {
  expect(await load(client)).toEqual([0, 1, 2]);
  expect(await load(client, agent)).toEqual([100, 101]);
  expect((await client.get(`${store}/subkeys`)).body.subkeys).toEqual([agent]);
  const { sessions } = (await client.get("/v1/store/-work-app/sessions")).body;
  expect(sessions).toMatchObject([{ sessionId: "s-1", seq: 3 }]);
  expect(await offsetsOf(client)).toEqual(upTo(last));
  const again = (await append(client, entries(0, 4))).body;
  expect(again).toMatchObject({ accepted: 1, duplicates: 3, seq: 4 });
  expect((await client.get("/health")).body).toMatchObject({ status: "ok" });
}

describe("transcripts", () => {
  it.each([
    ["as it was", async () => {}],
    ["every file of the sessions", async () => rm(join(volume, "sessions"), { recursive: true })],
    ["one transcript", async () => rm(mainFile())],
    ["the end of a transcript", async () => truncate(mainFile(), 300)],
    [
      "the snapshot",
      async () => rm(join(volume, "sessions", "s-1", "metadata.json"), { force: true }),
    ],
  ])("come back from the journal after kill -9: %s", async (_name, harm) => {
    const service = await spawnService(volume, { CHECKPOINT_INTERVAL_MS: "600000" });
    const client = createClient(service.url);
    await write(client);
    // Reading brings the files up to date.
    await offsetsOf(client);
    await client.get("/api/sessions/s-1");
    await service.kill("SIGKILL");
    await harm();

    await expectAll(createClient((await startService(volume)).url), 7);
  });

  it.each([
    ["the catalog", ["catalog.json"]],
    ["the journal", ["journal", "catalog.json"]],
    ["the snapshots", ["sessions/s-1/metadata.json", "sessions/s-1/state.json", "catalog.json"]],
  ])("stand in their files without %s", async (_name, gone) => {
    const service = await startService(volume);
    await write(createClient(service.url));
    await service.close();
    for (const name of gone) await rm(join(volume, name), { recursive: true });

    await expectAll(createClient((await startService(volume)).url), 7);
  });

  it("stay with their summary over a restart, from the files alone too", async () => {
    const service = await startService(volume);
    const client = createClient(service.url);
    await write(client);
    const put = await fetch(`${service.url}${store}/summary`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data: { title: "t" }, seq: 2, base: 0 }),
    });
    expect(put.status).toBe(200);
    await service.close();
    await rm(join(volume, "catalog.json"));

    const next = createClient((await startService(volume)).url);
    expect((await next.get("/v1/store/-work-app/summaries")).body.summaries).toMatchObject([
      { sessionId: "s-1", seq: 3, summary: { data: { title: "t" }, seq: 2 } },
    ]);
  });

  it("lose one entry to a flipped byte, say so, and keep the bytes", async () => {
    const service = await startService(volume);
    await write(createClient(service.url));
    await service.close();
    const text = await readFile(mainFile(), "utf8");
    await writeFile(mainFile(), text.replace('"n":1', '"n":7'));

    for (let start = 0; start < 2; start += 1) {
      const damaged = await startService(volume);
      const client = createClient(damaged.url);
      expect(await load(client)).toEqual([0, 2]);
      const { storage, status } = (await client.get("/health")).body;
      expect([status, storage.damagedSessions]).toEqual(["degraded", ["s-1"]]);
      await damaged.close();
    }
    const kept = await readdir(join(volume, "quarantine"));
    expect(kept).toEqual([expect.stringMatching(/^session-s-1-transcripts~-work-app-\d+$/)]);
  });
});

describe("deleted transcripts", () => {
  async function deleteAndWriteAgain(client: Client): Promise<void> {
    expect((await client.delete(store)).status).toBe(200);
    await append(client, entries(0, 1));
    await offsetsOf(client);
  }

  async function expectDeleted(client: Client): Promise<void> {
    expect(await load(client)).toEqual([0]);
    expect(await load(client, agent)).toBeNull();
    expect(await offsetsOf(client)).toEqual(upTo(9));
    expect((await client.get("/health")).body).toMatchObject({ status: "ok" });
    expect((await append(client, entries(0, 2))).body).toMatchObject({ accepted: 1, seq: 2 });
    expect(await readFile(folder(".deleted", "8", "-work-app.jsonl"), "utf8")).not.toMatch(/"n":/);
  }

  it.each([
    ["with a checkpoint before it", true],
    ["without one", false],
  ])("stay deleted after kill -9, %s", async (_name, withCheckpoint) => {
    const first = await startService(volume, { CHECKPOINT_INTERVAL_MS: "600000" });
    if (withCheckpoint) await write(createClient(first.url));
    await first.close();
    const service = await spawnService(volume, { CHECKPOINT_INTERVAL_MS: "600000" });
    const client = createClient(service.url);
    if (!withCheckpoint) await write(client);
    await deleteAndWriteAgain(client);
    await service.kill("SIGKILL");

    const next = await spawnService(volume, { CHECKPOINT_INTERVAL_MS: "600000" });
    expect(await offsetsOf(createClient(next.url))).toEqual(upTo(9));
    // Once more, from the same checkpoint.
    await next.kill("SIGKILL");
    await expectDeleted(createClient((await startService(volume)).url));
  });

  it("are erased again when the service died between the two files", async () => {
    const service = await spawnService(volume, { CHECKPOINT_INTERVAL_MS: "600000" });
    const client = createClient(service.url);
    await write(client);
    await offsetsOf(client);
    const aside = await temporaryFolder();
    await cp(mainFile(), join(aside, "main"));
    await client.delete(store);
    await offsetsOf(client);
    await service.kill("SIGKILL");
    await cp(join(aside, "main"), mainFile());

    const next = createClient((await startService(volume)).url);
    await append(next, entries(0, 1));
    await expectDeleted(next);
  });
});

describe("a lease", () => {
  it("outlives the service: its owner keeps it, another waits its time, epochs go on", async () => {
    const service = await spawnService(volume);
    const client = createClient(service.url);
    await client.create("s-1");
    await client.post("/api/sessions/s-1/lease", { owner: "a", ttlMs: 3_000 });
    await service.kill("SIGKILL");

    const next = createClient((await startService(volume)).url);
    const other = await next.post("/api/sessions/s-1/lease", { owner: "b" });
    expect(other.body).toMatchObject({ code: "lease_held", owner: "a", epoch: 1 });
    expect(
      (await next.post("/api/actions/s-1", { type: "x" }, { "lease-epoch": "1" })).status,
    ).toBe(200);
    await next.delete("/api/sessions/s-1/lease?epoch=1");
    const taken = await next.post("/api/sessions/s-1/lease", { owner: "b" });
    expect(taken.body.lease).toMatchObject({ owner: "b", epoch: 2 });
  });
});
