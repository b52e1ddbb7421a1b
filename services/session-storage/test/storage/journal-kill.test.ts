import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { collect } from "../contract/journal-contract.ts";
import { bundleChild, startChild } from "./children/child.ts";
import { createJournalFolder } from "./journal-folder.ts";

const writer = bundleChild("journal-writer");
const kills = 20;

it(`has every acknowledged append once and in order after ${kills} times kill -9`, async () => {
  const root = await mkdtemp(join(tmpdir(), "journal-kill-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const acknowledged: string[] = [];
  for (let run = 0; run < kills; run += 1) {
    const child = startChild(process.execPath, [writer, root, String(run)]);
    // Another number each time, so that the kill meets other moments of a batch.
    let left = 20 + run * 37;
    for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) {
      acknowledged.push(line.value);
      left -= 1;
      if (left === 0) child.process.kill("SIGKILL");
    }
    await child.closed;
  }

  const folder = await createJournalFolder(root);
  const journal = await folder.open();
  const entries = await collect(journal.read(0));
  const ids = entries.map(({ event }) => event.id ?? "");
  expect(acknowledged.length).toBeGreaterThan(kills * 20);
  expect(journal.status().lost).toEqual([]);
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, index) => index + 1));
  expect(new Set(ids).size).toBe(ids.length);
  const stored = new Set(ids);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(outOfOrder(ids)).toEqual([]);
}, 120_000);

/** An id is `run.writer.count.index`; within a writer's run both numbers only grow, and by one. */
function outOfOrder(ids: readonly string[]): string[] {
  const expected = new Map<string, string>();
  return ids.filter((id) => {
    const [run, writerNumber, count = "0", index = "0"] = id.split(".");
    const key = `${run}.${writerNumber}`;
    const isExpected = `${count}.${index}` === (expected.get(key) ?? "0.0");
    const isLast = Number(index) === Number(count) % 3;
    expected.set(key, isLast ? `${Number(count) + 1}.0` : `${count}.${Number(index) + 1}`);
    return !isExpected;
  });
}
