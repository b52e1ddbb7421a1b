import { appendFile, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { createClient } from "../support/client.ts";
import { spawnService, startService, temporaryFolder } from "../support/start-service.ts";

let volume: string;
beforeEach(async () => {
  volume = await temporaryFolder();
});

const fileOf = (sessionId: string, name: string) => join(volume, "sessions", sessionId, name);
const linesOf = async (sessionId: string, name: string) =>
  (await readFile(fileOf(sessionId, name), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A session with something of everything, left by a service that was killed. */
async function killedWithASession(environment = {}) {
  const service = await spawnService(volume, environment);
  const client = createClient(service.url);
  await client.create("s-1", { userId: "ann", initial: { task: "x" } });
  for (let i = 0; i < 5; i += 1) await client.act("s-1", { id: `r-${i}`, details: { i } });
  await client.post("/api/actions/s-1/responses", { text: "done" });
  await client.patch("/api/state/s-1", { phase: "execution" });
  await client.post("/api/state/s-1/goals", { goalId: "g", description: "d" });
  const before = await client.get("/api/sessions/s-1");
  const events = await client.get("/api/sessions/s-1/events");
  await service.kill("SIGKILL");
  return { before: before.body, events: events.body.events };
}

async function reopened(environment = {}) {
  const service = await startService(volume, environment);
  return { service, client: createClient(service.url) };
}

describe("after kill -9", () => {
  it("everything acknowledged is there: the session, its history, its files", async () => {
    const { before, events } = await killedWithASession();

    const { service, client } = await reopened();

    expect((await client.get("/api/sessions/s-1")).body).toEqual(before);
    expect((await client.get("/api/sessions/s-1/events")).body.events).toEqual(events);
    expect((await client.get("/api/query/stats")).body).toMatchObject({ total: 1, actions: 5 });
    await service.close();
    expect((await linesOf("s-1", "actions.jsonl")).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(JSON.parse(await readFile(fileOf("s-1", "state.json"), "utf8"))).toMatchObject({
      phase: "execution",
      asOfOffset: 9,
    });
  });

  it("a record sent again is still recognised, and the next offset follows", async () => {
    await killedWithASession();
    const { client } = await reopened();

    expect((await client.act("s-1", { id: "r-3" })).body).toEqual({
      success: true,
      offset: 5,
      duplicate: true,
    });
    expect((await client.act("s-1", { id: "r-9" })).body).toMatchObject({ offset: 10, seq: 6 });
  });

  it("finalizing and its reopening are shown as they were", async () => {
    const service = await spawnService(volume);
    const client = createClient(service.url);
    await client.create("ended");
    await client.post("/api/sessions/ended/finalize", { status: "error", outcome: { code: 7 } });
    await client.create("again");
    await client.post("/api/sessions/again/finalize", {});
    await client.post("/api/actions/again?reopen=true", { type: "more" });
    await service.kill("SIGKILL");

    const next = await reopened();

    const ended = (await next.client.get("/api/sessions/ended")).body;
    expect(ended.final).toMatchObject({ status: "error", outcome: { code: 7 } });
    expect((await next.client.get("/api/sessions/again")).body).toMatchObject({
      metadata: { status: "active" },
      final: null,
    });
  });

  it("a deleted session stays deleted, and its next life does not see the first", async () => {
    const service = await spawnService(volume);
    const client = createClient(service.url);
    await client.create("s-1");
    for (let i = 0; i < 5; i += 1) await client.act("s-1", { type: "first-life" });
    await client.delete("/api/sessions/s-1?force=true");
    await client.create("gone");
    await client.delete("/api/sessions/gone?force=true");
    await client.create("s-1");
    await client.act("s-1", { type: "second-life" });
    // Reading brings the files up to date: the replay meets the second life's folder.
    await client.get("/api/actions/s-1");
    await service.kill("SIGKILL");

    const next = await reopened();

    const actions = (await next.client.get("/api/actions/s-1")).body;
    expect(actions).toMatchObject([{ offset: 2, seq: 1, type: "second-life" }]);
    expect((await next.client.get("/api/state/gone")).status).toBe(404);
    const trash = (await readdir(join(volume, "trash"))).sort();
    expect(trash).toEqual([expect.stringMatching(/^gone@/), expect.stringMatching(/^s-1@/)]);
    const trashed = await linesOf(join("..", "trash", trash[1] as string), "actions.jsonl");
    expect(trashed.map(({ type }) => type)).toEqual(Array(5).fill("first-life"));
  });

  it.each([
    ["every file of the sessions", async () => rm(join(volume, "sessions"), { recursive: true })],
    ["the catalog", async () => rm(join(volume, "catalog.json"), { force: true })],
    [
      "both snapshots",
      async () => {
        for (const name of ["metadata.json", "state.json"])
          await rm(fileOf("s-1", name), { force: true });
      },
    ],
    ["the end of a log", async () => truncate(fileOf("s-1", "actions.jsonl"), 100)],
    [
      "a snapshot, which is empty after a power cut",
      async () => writeFile(fileOf("s-1", "state.json"), ""),
    ],
  ])("the journal brings back %s", async (_name, harm) => {
    const { before, events } = await killedWithASession({ CHECKPOINT_INTERVAL_MS: "600000" });
    await harm();

    const { client } = await reopened();

    expect((await client.get("/api/sessions/s-1")).body).toEqual(before);
    expect((await client.get("/api/sessions/s-1/events")).body.events).toEqual(events);
  });
});

describe("after a checkpoint", () => {
  async function closedWithASession() {
    const { service, client } = await reopened();
    await client.create("s-1");
    for (let i = 0; i < 5; i += 1) await client.act("s-1", { id: `r-${i}` });
    const before = (await client.get("/api/sessions/s-1")).body;
    await service.close();
    return before;
  }

  it.each([
    ["the journal", async () => rm(join(volume, "journal"), { recursive: true })],
    ["the catalog", async () => rm(join(volume, "catalog.json"))],
    ["a catalog that was cut", async () => truncate(join(volume, "catalog.json"), 90)],
    [
      "the snapshots",
      async () => {
        for (const name of ["metadata.json", "state.json"]) await rm(fileOf("s-1", name));
      },
    ],
  ])("the files are enough without %s", async (_name, harm) => {
    const before = await closedWithASession();
    await harm();

    const { client } = await reopened();

    expect((await client.get("/api/sessions/s-1")).body).toEqual(before);
    expect((await client.act("s-1", { id: "r-2" })).body).toMatchObject({ duplicate: true });
    expect((await client.act("s-1")).body).toMatchObject({ offset: 7, seq: 6 });
  });

  it("a flipped byte costs one line, which is named, kept aside and told", async () => {
    await closedWithASession();
    const path = fileOf("s-1", "actions.jsonl");
    const bytes = await readFile(path);
    const third = bytes.indexOf("r-2");
    bytes[third] = (bytes[third] as number) ^ 1;
    await writeFile(path, bytes);

    const { client } = await reopened();

    const actions = (await client.get("/api/actions/s-1")).body as { offset: number }[];
    expect(actions.map(({ offset }) => offset)).toEqual([2, 3, 5, 6]);
    expect((await client.get("/api/sessions/s-1")).body.metadata.damagedOffsets).toEqual([4]);
    expect((await client.get("/health")).body).toMatchObject({
      status: "degraded",
      storage: { damagedLines: 1, damagedSessions: ["s-1"] },
    });
    expect((await client.act("s-1")).body).toMatchObject({ offset: 7 });
  });
});

describe("a torn line at the end of a log", () => {
  it.each(["actions.jsonl", "responses.jsonl", "changes.jsonl"])(
    "in %s does not stop the next append, while the service runs",
    async (name) => {
      const { service, client } = await reopened();
      await client.create("s-1");
      const appendAll = async () => {
        await client.act("s-1");
        await client.post("/api/actions/s-1/responses", { text: "t" });
        await client.patch("/api/state/s-1", { a: 1 });
        return client.get("/api/sessions/s-1/events");
      };
      await appendAll();
      await appendFile(fileOf("s-1", name), '{"offset":99,"torn');

      const { body } = await appendAll();

      expect(body.events.map(({ offset }: { offset: number }) => offset)).toEqual([
        1, 2, 3, 4, 5, 6, 7,
      ]);
      await service.close();
      for (const file of ["actions.jsonl", "responses.jsonl", "changes.jsonl"])
        expect((await linesOf("s-1", file)).length).toBeGreaterThanOrEqual(2);
    },
  );
});

it("a volume of another format is refused by name", async () => {
  await writeFile(join(volume, "format.json"), '{"format":99}\n');

  await expect(startService(volume)).rejects.toThrow(/format 99; this service reads format 1/);
});

it("a second service on the volume ends within a second and says why", async () => {
  const began = Date.now();
  await spawnService(volume);
  const startMs = Date.now() - began;

  await expect(spawnService(volume)).rejects.toThrow(/another service holds the volume/);

  expect(Date.now() - began - startMs).toBeLessThan(2 * startMs + 1_000);
});
