import { describe, expect, it } from "vitest";

import { CheckpointSaver } from "../../src/saving/checkpoint-saver.ts";
import { type EntryStore, EntryStoreError } from "../../src/saving/entry-store.ts";
import { at, createLine, idsOf, valuesAt } from "../support/checkpoints.ts";
import { createMemoryEntries } from "../support/memory-entries.ts";

describe("a checkpoint", () => {
  it("has the values of the line that it stands in, not of a fork with the same versions", async () => {
    const saver = new CheckpointSaver(createMemoryEntries());
    const line = createLine(saver, "t");
    await line.put({ values: { a: 0, kept: "x" } });
    const [left, right] = [line.fork(), line.fork()];
    const one = await left.put({ values: { a: 1, kept: "x" }, changed: ["a"] });
    const two = await right.put({ values: { a: 2, kept: "x" }, changed: ["a"] });
    expect(await valuesAt(saver, at("t", one))).toEqual({ a: 1, kept: "x" });
    expect(await valuesAt(saver, at("t", two))).toEqual({ a: 2, kept: "x" });
  });

  it("has no value of a channel that was emptied", async () => {
    const entries = createMemoryEntries();
    const line = createLine(new CheckpointSaver(entries), "t");
    await line.put({ values: { a: 1, branch: "go" } });
    await line.put({ values: { a: 1 }, changed: ["branch"] });
    await line.put({ values: { a: 2 }, changed: ["a"] });
    expect(await valuesAt(new CheckpointSaver(entries), at("t"))).toEqual({ a: 2 });
  });

  it("can be found whatever its thread is called", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries);
    const threadIds = ["a", "A", "../..", "", "__proto__", "x".repeat(500), "é/\u0000", "g1"];
    for (const threadId of threadIds)
      await createLine(saver, threadId).put({ values: { threadId } });
    const fresh = new CheckpointSaver(entries);
    for (const threadId of threadIds)
      expect(await valuesAt(fresh, at(threadId))).toEqual({ threadId });
    const listed: string[] = [];
    for await (const { config } of new CheckpointSaver(entries).list({}))
      listed.push(String(config.configurable?.["thread_id"]));
    expect(listed.toSorted()).toEqual(threadIds.toSorted());
  });

  it("may have channels with the names of an object's own members", async () => {
    const entries = createMemoryEntries();
    const values = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}') as object;
    await createLine(new CheckpointSaver(entries), "t").put({ values: { ...values } });
    const read = await valuesAt(new CheckpointSaver(entries), at("t"));
    expect(JSON.stringify(read)).toBe(JSON.stringify(values));
  });

  it("keeps the first of a task's writes, and the last of the special ones", async () => {
    const entries = createMemoryEntries();
    const line = createLine(new CheckpointSaver(entries), "t");
    await line.put({ values: {} });
    await line.putWrites([["a", 1]], "task");
    await line.putWrites([["a", 2]], "task");
    await line.putWrites([["__error__", "first"]], "task");
    await line.putWrites([["__error__", "second"]], "task");
    const tuple = await new CheckpointSaver(entries).getTuple(at("t"));
    expect(tuple?.pendingWrites).toEqual([
      ["task", "a", 1],
      ["task", "__error__", "second"],
    ]);
  });

  it("may be larger than an entry", async () => {
    const entries = createMemoryEntries();
    const text = "\u{1F600}\u0000".repeat(1_500_000);
    await createLine(new CheckpointSaver(entries), "t").put({ values: { text } });
    const read = await valuesAt(new CheckpointSaver(entries), at("t"));
    expect(read?.["text"] === text).toBe(true);
    const sizes = ((await entries.read("t/g1", 0)) ?? []).map((entry) => JSON.stringify(entry));
    for (const line of sizes) expect(Buffer.byteLength(line)).toBeLessThan(16_777_216);
  });
});

describe("what is stored", () => {
  /** Bytes after so many steps of a graph that gathers messages beside a document. */
  const bytesOf = async (steps: number) => {
    const entries = createMemoryEntries();
    const line = createLine(new CheckpointSaver(entries, { keep: null }), "t");
    const messages: string[] = [];
    const document = "d".repeat(100_000);
    await line.put({ values: { document, messages: [], step: 0 } });
    for (let step = 1; step <= steps; step += 1) {
      messages.push(`message ${step} ${"m".repeat(1_000)}`);
      await line.put({
        values: { document, messages: [...messages], step },
        changed: ["messages", "step"],
      });
    }
    const read = await valuesAt(new CheckpointSaver(entries), at("t"));
    expect(read).toEqual({ document, messages, step: steps });
    return entries.bytes() - document.length;
  };

  it("grows with what is new, not with the square of the steps", async () => {
    const [few, many] = [await bytesOf(50), await bytesOf(400)];
    // Written whole, the messages alone would be 80 MB.
    expect(many).toBeLessThan(400 * 2_500);
    expect(many / few).toBeLessThan(8.8);
  });
});

describe("two processes", () => {
  it("see each other's checkpoints, also when one of them has pruned", async () => {
    const entries = createMemoryEntries();
    const [one, two] = [1, 2].map(() => new CheckpointSaver(entries, { keep: 3 }));
    if (!one || !two) throw new Error("there are two");
    const line = createLine(one, "t");
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      ids.push(await line.put({ values: { n, all: ids.length } }));
      const other = n % 2 === 0 ? two : one;
      expect(await valuesAt(other, at("t"))).toEqual({ n, all: n });
      await other.putWrites(line.config, [["n", `seen ${n}`]], "task");
      const tuple = await (other === one ? two : one).getTuple(at("t"));
      expect(tuple?.pendingWrites).toEqual([["task", "n", `seen ${n}`]]);
    }
    expect((await idsOf(two, "t")).slice(0, 3)).toEqual(ids.toReversed().slice(0, 3));
  });

  it("see each other's checkpoints, also when one of them could not finish pruning", async () => {
    const entries = createMemoryEntries();
    const stuck: EntryStore = {
      ...entries,
      delete: () => Promise.reject(new EntryStoreError("away", true)),
    };
    const two = new CheckpointSaver(stuck, { keep: null });
    const one = new CheckpointSaver(stuck, { keep: 2 });
    const line = createLine(one, "t");
    for (let n = 0; n < 12; n += 1) {
      await line.put({ values: { n } });
      await one.getTuple(at("t"));
      expect(await valuesAt(two, at("t"))).toEqual({ n });
      await two.putWrites(line.config, [["n", n]], "task");
      expect((await one.getTuple(at("t")))?.pendingWrites).toEqual([["task", "n", n]]);
    }
    expect((await entries.list()).length).toBeGreaterThan(1);
  });
});

describe("reading", () => {
  it("asks for nothing that is known, whoever wrote it", async () => {
    const entries = createMemoryEntries();
    const [one, two] = [new CheckpointSaver(entries), new CheckpointSaver(entries)];
    const line = createLine(one, "t");
    await line.put({ values: { n: 0 } });
    for (let n = 1; n <= 40; n += 1) {
      const reading = Promise.all([one.getTuple(at("t")), two.getTuple(at("t"))]);
      await line.put({ values: { n }, changed: ["n"] });
      await reading;
    }
    expect(await valuesAt(two, at("t"))).toEqual({ n: 40 });
    // Two entries a step; each comes once or twice, and with each answer the one before.
    expect(entries.entriesRead()).toBeLessThan(2 * 40 * 5);
  });
});

describe("a deleted thread", () => {
  it("is gone for everyone, and can begin anew", async () => {
    const entries = createMemoryEntries();
    const [saver, other] = [new CheckpointSaver(entries), new CheckpointSaver(entries)];
    const put = (n: number) => createLine(saver, "t").put({ values: { n } });
    await put(1);
    expect(await valuesAt(other, at("t"))).toEqual({ n: 1 });
    await saver.deleteThread("t");
    expect(await other.getTuple(at("t"))).toBeUndefined();
    expect(await idsOf(other)).toEqual([]);
    await put(2);
    for (const one of [saver, other, new CheckpointSaver(entries)]) {
      expect(await valuesAt(one, at("t"))).toEqual({ n: 2 });
      expect(await idsOf(one, "t")).toHaveLength(1);
    }
  });
});
