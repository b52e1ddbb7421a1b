import { describe, expect, it } from "vitest";

import { startCuttingProxy } from "../../node/test/support/cutting-proxy.ts";
import { shareService } from "../../node/test/support/service.ts";
import type { SessionKey, SessionStore, SessionStoreEntry } from "../src/main.ts";
import { createStore, messages, newKey } from "./support/store.ts";

const shared = shareService();
const open = () => createStore({ serviceUrl: shared.current.url });
const mode = (name: string): SessionStoreEntry => ({ type: "mode", mode: name });

/** Appends as `importSessionToStore` does. */
async function importTo(
  store: SessionStore,
  key: SessionKey,
  entries: SessionStoreEntry[],
  batchSize: number,
) {
  for (let from = 0; from < entries.length; from += batchSize)
    await store.append(key, entries.slice(from, from + batchSize));
}

describe("an entry with a uuid", () => {
  it("is stored once, whoever repeats it and however", async () => {
    const [one, two] = [open(), open()];
    const key = newKey();
    const entries = messages(50);
    await Promise.all(
      [one, two, one, two].map((store, n) => store.append(key, entries.slice(0, 10 + 10 * n))),
    );
    await one.append(key, entries);
    expect(await two.load(key)).toHaveLength(50);
    const loaded = await one.load(key);
    expect(loaded).toHaveLength(50);
    expect(new Set(loaded?.map(({ uuid }) => uuid)).size).toBe(50);
  });

  it("is another one in another transcript", async () => {
    const store = open();
    const key = newKey();
    const entries = messages(2);
    const keys = [key, { ...key, subpath: "subagents/agent-1" }, newKey()];
    for (const each of keys) await store.append(each, entries);
    for (const each of keys) expect(await store.load(each)).toEqual(entries);
  });
});

describe("an entry without a uuid", () => {
  it("is as often in the transcript as it was appended", async () => {
    const store = open();
    const key = newKey();
    const [message] = messages(1);
    if (!message) return;
    const batches = [
      [mode("a")],
      [mode("b")],
      [mode("a")],
      [mode("a"), message, mode("a"), mode("a")],
      [mode("a")],
      [mode("b"), mode("b")],
    ];
    for (const batch of batches) await store.append(key, batch);
    // As another process that goes on without having read what was before.
    const second = open();
    await store.flush();
    await second.append(key, [mode("a")]);
    await second.append(key, [mode("a")]);
    const third = open();
    const before = await second.load(key);
    expect(before).toEqual([...batches.flat(), mode("a"), mode("a")]);
    // And one that has.
    expect(await third.load(key)).toEqual(before);
    await third.append(key, [mode("a")]);
    await third.append(key, [mode("a")]);
    expect(await third.load(key)).toEqual([...batches.flat(), ...Array(4).fill(mode("a"))]);
  });

  it.each([500, 5, 2])(
    "is once in a transcript that is imported again and again in batches of %i",
    async (batchSize) => {
      const key = newKey();
      // As on disk: something before the first message, between them and behind the last.
      const entries = [mode("x"), ...messages(9).flatMap((message) => [message, mode("y")])];
      await importTo(open(), key, entries, batchSize);
      const store = open();
      await importTo(store, key, entries, batchSize);
      await importTo(store, key, entries, batchSize);
      expect(await store.load(key)).toEqual(entries);
    },
  );

  it("is once in a transcript that was written live, in two lives, and is imported then", async () => {
    const key = newKey();
    const chain = messages(8).map((entry, n) => ({ ...entry, parentUuid: n === 0 ? null : "x" }));
    const entries = chain.flatMap((message) => [mode("before"), message, mode("after")]);
    await importTo(open(), key, entries.slice(0, 12), 4);
    const second = open();
    await second.flush();
    await expect.poll(() => second.load(key)).toHaveLength(12);
    await importTo(second, key, entries.slice(12), 3);
    const third = open();
    await second.flush();
    await importTo(third, key, entries, 10);
    expect(await third.load(key)).toEqual(entries);
  });

  it("is once in a transcript that grew between two imports", async () => {
    const key = newKey();
    const entries = messages(12).flatMap((message) => [mode("before"), message, mode("after")]);
    await importTo(open(), key, entries.slice(0, 20), 8);
    const store = open();
    await importTo(store, key, entries, 8);
    expect(await store.load(key)).toEqual(entries);
  });

  it("is once when the answer to it was lost", async () => {
    const proxy = await startCuttingProxy(shared.current.port);
    const store = createStore({ serviceUrl: proxy.url });
    const key = newKey();
    const cut = proxy.cut(2);
    const entries = [mode("a"), ...messages(3), mode("b")];
    await store.append(key, entries);
    await cut;
    expect(await store.load(key)).toEqual(entries);
    expect(proxy.cuts).toBe(2);
  });

  it("is taken again after the transcript was deleted", async () => {
    const store = open();
    const key = newKey();
    const below = { ...key, subpath: "subagents/agent-1" };
    const entries = [mode("a"), ...messages(3), mode("b")];
    const metadata = [{ type: "agent_metadata", agentType: "x" }];
    for (let life = 0; life < 3; life += 1) {
      for (const each of [key, below]) await importTo(store, each, entries, 2);
      await store.append(below, metadata);
      expect(await store.load(key)).toEqual(entries);
      expect(await store.load(below)).toEqual([...entries, ...metadata]);
      await store.delete(key);
      expect(await store.load(below)).toBeNull();
    }
  });
});

it("lets an append that is called during a deletion begin the transcript anew", async () => {
  const store = open();
  const key = newKey();
  const [old, next] = [messages(3), messages(2)];
  await Promise.all([store.append(key, old), store.delete(key), store.append(key, next)]);
  expect(await store.load(key)).toEqual(next);
});

it("stores an entry of 8 MiB, and refuses one that is too large without holding up the others", async () => {
  const store = open();
  const key = newKey();
  const [first, last] = messages(2);
  const large = { type: "user", uuid: "large", text: "x".repeat(8 * 1_048_576) };
  const tooLarge = { ...large, uuid: "too-large", text: "x".repeat(16 * 1_048_576) };
  if (!first || !last) return;
  await expect(store.append(key, [first, large, tooLarge, last])).rejects.toThrow(
    /^entry 2 has \d+ bytes, the limit is \d+; the others are stored$/,
  );
  expect(await store.load(key)).toEqual([first, large, last]);
  expect(store.warnings).toEqual([]);
});

it("stores nothing of a batch that is no JSON", async () => {
  const store = open();
  const key = newKey();
  const circular: SessionStoreEntry = { type: "user" };
  circular["self"] = circular;
  await expect(store.append(key, [...messages(2), circular])).rejects.toThrow(TypeError);
  expect(await store.load(key)).toBeNull();
});
