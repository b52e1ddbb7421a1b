import { readdirSync, renameSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, vi } from "vitest";

import { createService, shareService, startService } from "../../node/test/support/service.ts";
import { mountSmallDisk } from "../../node/test/support/small-disk.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { numbersOf, range, startAppender } from "./support/appender.ts";
import { createStore, messages, newKey } from "./support/store.ts";

// Most of them start processes.
vi.setConfig({ testTimeout: 60_000 });

const shared = shareService();

describe("while the service is away", () => {
  it("an append is done at once, and what reads says after its time why it can't", async () => {
    const service = await createService();
    const store = createStore({ serviceUrl: service.url, timeoutMs: 300 });
    const key = newKey();
    const entries = messages(100);
    const before = performance.now();
    await store.append(key, entries);
    expect(performance.now() - before).toBeLessThan(2_000);
    for (const call of [
      store.load(key),
      store.listSubkeys(key),
      store.listSessions(key.projectKey),
      store.listSessionSummaries(key.projectKey),
      store.delete(key),
    ])
      await expect(call).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("ECONNREFUSED") as string,
      });
    // Nothing of it is waiting in the spool: the service alone can tell.
    await expect(store.load(newKey())).rejects.toMatchObject({ code: "unavailable" });

    await service.start();
    expect(await store.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(await store.load(key)).toEqual(entries);
  });

  it("a load that began is answered once it is back", async () => {
    const service = await createService();
    const store = createStore({ serviceUrl: service.url });
    const key = newKey();
    const entries = messages(3);
    await store.append(key, entries);
    const loaded = store.load(key);
    await service.start();
    expect(await loaded).toEqual(entries);
  });
});

describe("what was appended", () => {
  it("reaches the service when the process was killed with all of it in its spool", async () => {
    const service = await createService();
    const spoolDirectory = temporaryDirectory();
    const keys = [newKey(), newKey({ projectKey: "-second" })];
    // What they leave it has to find when it is asked, not when it was made.
    const store = createStore({ serviceUrl: service.url, spoolDirectory });
    for (const key of keys) {
      const options = { key, serviceUrl: service.url, spoolDirectory, count: 300, stays: true };
      const killed = startAppender(options);
      await killed.line((line) => line === "appended");
      await killed.kill();
    }
    await service.start();
    const [one, two] = keys;
    if (!one || !two) return;
    expect((await store.listSessions(two.projectKey)).map((row) => row.sessionId)).toEqual([
      two.sessionId,
    ]);
    for (const key of keys) expect(numbersOf(await store.load(key))).toEqual(range(0, 300));
    expect(await store.close()).toBe(true);
    expect(readdirSync(spoolDirectory)).toEqual([]);
  });

  it("is read by a process that knows only after a while that the one before it is gone", async () => {
    const service = await createService();
    const spoolDirectory = temporaryDirectory();
    const key = newKey();
    const options = { key, serviceUrl: service.url, spoolDirectory, count: 30, stays: true };
    const killed = startAppender(options);
    await killed.line((line) => line === "appended");
    await killed.kill();
    // As from another container, where process ids mean nothing here, that was heard of 4 s ago.
    const folder = join(spoolDirectory, key.sessionId);
    const [name = ""] = readdirSync(folder);
    const foreign = join(folder, name.replace(/[^.]*$/, "other-realm"));
    renameSync(join(folder, name), foreign);
    await service.start();
    const heardAt = new Date(Date.now() - 4_000);
    utimesSync(foreign, heardAt, heardAt);
    const store = createStore({ serviceUrl: service.url, spoolDirectory });
    expect(numbersOf(await store.load(key))).toEqual(range(0, 30));
  });

  it("is complete when the service is killed and started again in between", async () => {
    const service = await startService();
    const store = createStore({ serviceUrl: service.url });
    const key = newKey();
    const entries = messages(3_000);
    for (let from = 0; from < entries.length; from += 100) {
      await store.append(key, entries.slice(from, from + 100));
      if (from === 1_000) await store.flush({ timeoutMs: 10_000 });
      if (from === 1_200) await service.kill();
      if (from === 2_000) await service.start();
    }
    expect(await store.load(key)).toEqual(entries);
  });

  it("is once and in each writer's order when two processes append at a time", async () => {
    const { url } = shared.current;
    const key = newKey();
    const programs = ["same", "same", "other"].map((writer) =>
      startAppender({
        key,
        serviceUrl: url,
        spoolDirectory: temporaryDirectory(),
        count: 600,
        writer,
      }),
    );
    for (const program of programs) expect([await program.ended, program.errors]).toEqual([0, []]);
    const loaded = await createStore({ serviceUrl: url }).load(key);
    expect(numbersOf(loaded, "same")).toHaveLength(600);
    expect(new Set(numbersOf(loaded, "same"))).toEqual(new Set(range(0, 600)));
    expect(numbersOf(loaded, "other")).toEqual(range(0, 600));
  });

  it("is sent by a process that ends by itself, and by one that is told to", async () => {
    const { url } = shared.current;
    for (const [count, end] of [
      [20, 0],
      [30, "SIGTERM"],
    ] as const) {
      const key = newKey();
      const spoolDirectory = temporaryDirectory();
      const program = startAppender({
        key,
        serviceUrl: url,
        spoolDirectory,
        count,
        stays: end === "SIGTERM",
      });
      await program.line((line) => line === "appended");
      if (end === "SIGTERM") program.child.kill("SIGTERM");
      expect(await program.ended).toBe(end);
      expect(readdirSync(spoolDirectory)).toEqual([]);
      expect(await createStore({ serviceUrl: url }).load(key)).toHaveLength(count);
    }
  });

  it("does not keep a process alive when the service is away", async () => {
    const { url } = await createService();
    const spoolDirectory = temporaryDirectory();
    const key = newKey();
    const program = startAppender({ key, serviceUrl: url, spoolDirectory, count: 10 });
    await program.line((line) => line === "appended");
    const before = performance.now();
    expect(await program.ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe("a full spool", () => {
  const limits = { spoolBytes: 100_000 };
  const bulky = (count: number) =>
    messages(count).map((message) => ({ ...message, text: "x".repeat(2_000) }));

  it("makes an append wait for room, and then takes ten times as much as it holds", async () => {
    const store = createStore({ serviceUrl: shared.current.url, limits });
    const key = newKey();
    const entries = bulky(500);
    await Promise.all([
      store.append(key, entries.slice(0, 300)),
      store.append(key, entries.slice(300)),
    ]);
    expect(await store.load(key)).toEqual(entries);
    expect(store.warnings).toEqual([]);
  });

  it("rejects in time what it can't take, which can be appended again without doubling", async () => {
    const service = await createService();
    const store = createStore({ serviceUrl: service.url, limits, timeoutMs: 1_500 });
    const key = newKey();
    const entries = [{ type: "mode" }, ...bulky(100).flatMap((entry) => [entry, { type: "mode" }])];
    await expect(store.append(key, entries)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("the spool is full") as string,
    });
    await service.start();
    const again = () => store.append(key, entries).then(() => true, String);
    await expect.poll(again, { timeout: 30_000 }).toBe(true);
    await store.append(key, [{ type: "mode" }]);
    expect(await store.load(key)).toEqual([...entries, { type: "mode" }]);
    expect((await service.events(key.sessionId)).map(({ type }) => type)).not.toContain("action");
  });
});

it("does not say that it has what it could only keep in memory", async () => {
  const disk = mountSmallDisk(64 * 1_024);
  if (disk === undefined) {
    process.stdout.write("skipped: a small disk can't be mounted\n");
    return;
  }
  const service = await createService();
  const store = createStore({ serviceUrl: service.url, spoolDirectory: disk, timeoutMs: 1_500 });
  const key = newKey();
  const entries = messages(400).map((message) => ({ ...message, text: "x".repeat(500) }));
  await expect(store.append(key, entries)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("the spool can't be written") as string,
  });
  await service.start();
  const again = () => store.append(key, entries).then(() => true, String);
  await expect.poll(again, { timeout: 30_000 }).toBe(true);
  expect(await store.load(key)).toEqual(entries);
});

it("lets go of sessions that have nothing to send", async () => {
  const store = createStore({ serviceUrl: shared.current.url });
  const keys = Array.from({ length: 80 }, () => newKey());
  for (const key of keys) await store.append(key, messages(1));
  expect(await store.flush({ timeoutMs: 10_000 })).toBe(true);
  for (const key of keys.slice(0, 2)) await store.append(key, messages(1, 1));
  await expect.poll(() => readdirSync(store.spoolDirectory).length).toBeLessThanOrEqual(64);
  for (const [index, key] of keys.entries())
    expect(await store.load(key)).toHaveLength(index < 2 ? 2 : 1);
});

it("says what the service refuses for good", async () => {
  const { url, post } = shared.current;
  const key = newKey({ sessionId: `twin-${Date.now()}` });
  await post("/api/sessions", { sessionId: key.sessionId.toUpperCase() });
  const store = createStore({ serviceUrl: url });
  await store.append(key, messages(1));
  await store.flush();
  await expect(store.append(key, messages(1))).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining("differs only by case") as string,
  });
});

it("takes nothing after it was closed", async () => {
  const store = createStore({ serviceUrl: shared.current.url });
  const key = newKey();
  await store.append(key, messages(1));
  expect(await store.close()).toBe(true);
  expect(await store.close()).toBe(true);
  for (const call of [store.append(key, messages(1)), store.load(key), store.delete(key)])
    await expect(call).rejects.toMatchObject({ code: "closed" });
});
