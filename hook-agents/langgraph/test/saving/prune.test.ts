import { setImmediate as turn } from "node:timers/promises";

import { TASKS } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";

import { CheckpointSaver } from "../../src/saving/checkpoint-saver.ts";
import { EntryStoreError } from "../../src/saving/entry-store.ts";
import { at, createLine, idsOf, valuesAt } from "../support/checkpoints.ts";
import { createDyingEntries } from "../support/dying-entries.ts";
import { createMemoryEntries } from "../support/memory-entries.ts";

const items = (count: number) => range(count).map((n) => `item ${n} ${"x".repeat(260)}`);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("pruning", () => {
  it("keeps the newest checkpoints with all their values and writes", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 5 });
    const line = createLine(saver, "t");
    const ids = [await line.put({ values: { early: "e".repeat(1_000), n: -1 } })];
    for (const n of range(200)) {
      ids.push(await line.put({ values: { early: "", n }, changed: ["n"] }));
      await line.putWrites([["n", n]], `task ${n}`);
      // As the next run of a graph does, so that the pruning has its turn.
      await saver.getTuple(at("t"));
    }
    const fresh = new CheckpointSaver(entries, { keep: 5 });
    const left = await idsOf(fresh, "t");
    expect(left.length).toBeGreaterThanOrEqual(5);
    expect(left.length).toBeLessThanOrEqual(10);
    expect(left).toEqual(ids.toReversed().slice(0, left.length));
    for (const [index, id] of left.entries()) {
      const n = 199 - index;
      const tuple = await fresh.getTuple(at("t", id));
      expect(tuple?.checkpoint.channel_values).toEqual({ early: "e".repeat(1_000), n });
      expect(tuple?.pendingWrites).toEqual([[`task ${n}`, "n", n]]);
    }
    expect(await entries.list()).toHaveLength(1);
    expect(entries.bytes()).toBeLessThan(20_000);
  });

  it.each([
    ["its spool is sent later", true],
    ["its disk is gone too", false],
  ])(
    "loses nothing that it keeps, wherever the process is killed: %s",
    async (_case, keepsSpool) => {
      const keep = 3;
      /** Puts 10 checkpoints, the process dying at its call number `last`; what is left has to be whole. */
      const dieAt = async (last: number) => {
        const entries = createMemoryEntries();
        const dying = createDyingEntries(entries, last, keepsSpool);
        const saver = new CheckpointSaver(dying, { keep, timeoutMs: 1 });
        const line = createLine(saver, "t");
        /** Known to be stored: a later reading has waited for them. */
        const stored: string[] = [];
        try {
          for (const n of range(10)) {
            const id = await line.put({ values: { n, list: items(n) } });
            await saver.getTuple(at("t"));
            if (dying.calls() < last) stored.push(id);
          }
        } catch (error) {
          if (!String(error).includes("killed")) throw error;
        }
        const fresh = new CheckpointSaver(entries, { keep });
        const found = await idsOf(fresh, "t");
        // The last one that was put may be there or not.
        const expected = [...new Set([...found, ...stored])].toSorted().slice(-keep);
        expect(found).toEqual(expect.arrayContaining(expected));
        for (const id of found) {
          const values = await valuesAt(fresh, at("t", id));
          expect(values?.["list"]).toEqual(items(Number(values?.["n"])));
        }
        // Whoever goes on prunes what was left.
        const next = createLine(fresh, "t");
        for (const n of range(9)) {
          await next.put({ values: { n, list: [] } });
          await fresh.getTuple(at("t"));
        }
        expect(await entries.list()).toHaveLength(1);
        expect((await idsOf(fresh, "t")).length).toBeLessThanOrEqual(2 * keep);
        return dying;
      };
      const whole = await dieAt(Number.POSITIVE_INFINITY);
      const diedAt = new Set<string>();
      for (const last of range(whole.calls() + 1).slice(1)) diedAt.add((await dieAt(last)).call());
      expect([...diedAt].toSorted()).toEqual(["append", "delete", "list", "read", "settle"]);
    },
  );

  it("is finished by the next who reads, when the process ended before it had deleted anything", async () => {
    const entries = createMemoryEntries();
    const neverDeletes = {
      ...entries,
      delete: () => Promise.reject(new EntryStoreError("", true)),
    };
    const saver = new CheckpointSaver(neverDeletes, { keep: 3 });
    const line = createLine(saver, "t");
    const ids: string[] = [];
    for (const n of range(6)) ids.push(await line.put({ values: { n } }));
    await saver.getTuple(at("t"));
    expect(await entries.list()).toEqual(["t/g1", "t/g2"]);

    const next = new CheckpointSaver(entries, { keep: null });
    expect(await idsOf(next, "t")).toEqual(ids.toReversed().slice(0, 3));
    expect(await entries.list()).toEqual(["t/g2"]);
  });

  it("keeps what another process writes where it prunes", async () => {
    const entries = createMemoryEntries();
    const other = createLine(new CheckpointSaver(entries), "t");
    await other.put({ values: { by: "other" } });
    let late: string | undefined;
    let hasCopied = false;
    const saver = new CheckpointSaver(
      {
        ...entries,
        append(path, entry) {
          entries.append(path, entry);
          hasCopied ||= "kept" in entry;
        },
        async settle(timeoutMs) {
          if (hasCopied) late ??= await other.put({ values: { by: "other, late" } });
          return entries.settle(timeoutMs);
        },
      },
      { keep: 3 },
    );
    const line = createLine(saver, "t");
    for (let n = 0; late === undefined && n < 20; n += 1) {
      await line.put({ values: { n } });
      await saver.getTuple(at("t"));
    }
    expect(late).toBeDefined();
    const fresh = new CheckpointSaver(entries);
    expect(await valuesAt(fresh, at("t", late))).toEqual({ by: "other, late" });
  });

  it("keeps forks with the same versions apart, and emptied channels empty", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 4 });
    const trunk = createLine(saver, "t");
    await trunk.put({ values: { a: "trunk", gone: 1, mark: 0 } });
    const lines = [{ a: "left" }, { a: "right", gone: 2 }].map((own) => ({
      own,
      line: trunk.fork(),
    }));
    for (const { own, line } of lines)
      await line.put({ values: { ...own, mark: 0 }, changed: ["a", "gone"] });
    for (const mark of range(40))
      for (const { own, line } of lines) {
        await line.put({ values: { ...own, mark }, changed: ["mark"] });
        await saver.getTuple(at("t"));
      }
    const fresh = new CheckpointSaver(entries, { keep: 4 });
    for (const { own, line } of lines)
      expect(await valuesAt(fresh, line.config)).toEqual({ ...own, mark: 39 });
  });

  it("lets a run go on that stands on a checkpoint from before", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 2 });
    const old = createLine(saver, "t");
    await old.put({ values: { a: "old", b: "b".repeat(500) } });
    const line = createLine(saver, "t");
    for (const n of range(10)) {
      await line.put({ values: { n } });
      await saver.getTuple(at("t"));
    }
    expect(await saver.getTuple(old.config)).toBeUndefined();
    const id = await old.put({ values: { a: "new", b: "b".repeat(500) }, changed: ["a"] });
    expect(await valuesAt(new CheckpointSaver(entries), at("t", id))).toEqual({
      a: "new",
      b: "b".repeat(500),
    });
  });

  it("never makes a put wait, and goes on beside those that come meanwhile", async () => {
    const entries = createMemoryEntries();
    const keep = 4;
    const saver = new CheckpointSaver(entries, { keep });
    const line = createLine(saver, "t");
    const early = "e".repeat(500);
    const ids = [await line.put({ values: { early, list: items(0) } })];
    for (const n of range(300).slice(1)) {
      ids.push(await line.put({ values: { early, list: items(n) }, changed: ["list"] }));
      // Some at once, and more of them than are kept.
      if (n % 11 === 0) await turn();
    }
    await saver.getTuple(at("t"));
    const fresh = new CheckpointSaver(entries, { keep });
    const left = await idsOf(fresh, "t");
    expect(left).toEqual(ids.toReversed().slice(0, left.length));
    expect(left.length).toBeGreaterThanOrEqual(keep);
    for (const id of left)
      expect(await valuesAt(fresh, at("t", id))).toEqual({ early, list: items(ids.indexOf(id)) });
    const [generation] = await entries.list();
    expect(Number(generation?.slice("t/g".length))).toBeLessThan(300 / keep / 2);
  });

  it("keeps whole what is put upon an older checkpoint while it goes on", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 2 });
    const early = "e".repeat(500);
    const trunk = createLine(saver, "t");
    await trunk.put({ values: { early, list: items(5) } });
    const [left, right] = [trunk.fork(), trunk.fork()];
    for (const n of range(3)) await left.put({ values: { early, list: [n] }, changed: ["list"] });
    const ids: string[] = [];
    for (const n of range(4))
      ids.push(await right.put({ values: { early, list: items(6 + n) }, changed: ["list"] }));
    await saver.getTuple(at("t"));
    expect(await entries.list()).toEqual(["t/g2"]);
    const fresh = new CheckpointSaver(entries);
    expect(await idsOf(fresh, "t")).toEqual(ids.toReversed());
    for (const [n, id] of ids.entries())
      expect(await valuesAt(fresh, at("t", id))).toEqual({ early, list: items(6 + n) });
  });

  it("drops the runs of subgraphs with the steps that they belong to, and keeps a subgraph's memory", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 2 });
    const root = createLine(saver, "t");
    await createLine(saver, "t", "memory").put({ values: { remembered: true } });
    for (const n of range(30)) {
      await root.put({ values: { n } });
      await createLine(saver, "t", `sub:${n}`).put({ values: { n } });
      await saver.getTuple(at("t"));
    }
    const fresh = new CheckpointSaver(entries, { keep: 2 });
    expect(await valuesAt(fresh, at("t", undefined, "sub:29"))).toEqual({ n: 29 });
    expect(await valuesAt(fresh, at("t", undefined, "sub:28"))).toEqual({ n: 28 });
    expect(await fresh.getTuple(at("t", undefined, "sub:3"))).toBeUndefined();
    expect(await valuesAt(fresh, at("t", undefined, "memory"))).toEqual({ remembered: true });
  });

  it("keeps the checkpoints whose writes make up a channel that is told by its changes", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 2 });
    const line = createLine(saver, "t");
    const deltas = { counters_since_delta_snapshot: { log: [1, 1] as [number, number] } };
    await line.put({ values: { log: ["snapshot"], n: 0 } });
    for (const n of range(9)) {
      await line.putWrites([["log", [`write ${n}`]]], `task ${n}`);
      await line.put({ values: { n }, changed: ["log", "n"], metadata: deltas });
      await saver.getTuple(at("t"));
    }
    const fresh = new CheckpointSaver(entries, { keep: 2 });
    const { log } = await fresh.getDeltaChannelHistory({ config: line.config, channels: ["log"] });
    expect(log?.seed).toEqual(["snapshot"]);
    expect(log?.writes.map(([, , value]) => value)).toEqual(range(9).map((n) => [`write ${n}`]));
  });

  it("keeps what a checkpoint of an older format takes from the one before", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: 1 });
    const line = createLine(saver, "t");
    for (const n of range(6)) {
      await line.put({ values: { n }, v: 1 });
      await saver.getTuple(at("t"));
      const fresh = new CheckpointSaver(entries, { keep: 1 });
      const sends = n === 0 ? undefined : [`send ${n - 1}`];
      expect((await valuesAt(fresh, at("t")))?.[TASKS]).toEqual(sends);
      await line.putWrites([[TASKS, `send ${n}`]], "task");
    }
  });

  it("can be turned off", async () => {
    const entries = createMemoryEntries();
    const saver = new CheckpointSaver(entries, { keep: null });
    const line = createLine(saver, "t");
    for (const n of range(300)) await line.put({ values: { n } });
    expect(await idsOf(saver, "t")).toHaveLength(300);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses to keep %s", (keep) => {
    expect(() => new CheckpointSaver(createMemoryEntries(), { keep })).toThrow(RangeError);
  });
});
