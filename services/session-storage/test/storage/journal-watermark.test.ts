import { watch } from "node:fs";
import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { action, actions } from "./events.ts";
import { createJournalFolder, type JournalFolder } from "./journal-folder.ts";
import { folderWith, makeImage } from "./journal-image.ts";

interface Line {
  position: number;
  watermark?: true;
  more?: number;
  _d: number;
}

async function linesOf(folder: JournalFolder): Promise<Line[]> {
  const text = await readFile(folder.segment(1), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** Ends once the segment has so many lines. */
async function linesReach(folder: JournalFolder, count: number): Promise<Line[]> {
  for await (const _change of changesOf(folder.segment(1))) {
    const lines = await linesOf(folder);
    if (lines.length >= count) return lines;
  }
  throw new Error("the watching ended");
}

async function* changesOf(path: string) {
  let changed: () => void = () => {};
  const watcher = watch(path, () => changed());
  try {
    for (;;) {
      const change = new Promise<void>((resolve) => {
        changed = resolve;
      });
      yield;
      await change;
    }
  } finally {
    watcher.close();
  }
}

it("says in each line what was durable when it was written, and how many of its append follow", async () => {
  const folder = await createJournalFolder();
  const journal = await folder.open({ idleWatermarkMs: 60_000 });
  await journal.append([action(1)]);
  await journal.append(actions(2, 4));

  expect(await linesOf(folder)).toMatchObject([
    { position: 1, _d: 0 },
    { position: 2, _d: 1, more: 2 },
    { position: 3, _d: 1, more: 1 },
    { position: 4, _d: 1 },
  ]);
  expect((await linesOf(folder))[3]).not.toHaveProperty("more");
});

it.each(["fsync", "os"] as const)(
  "writes one watermark when it has become idle, with durability %s",
  async (durability) => {
    const folder = await createJournalFolder();
    const journal = await folder.open({ durability, idleWatermarkMs: 10 });
    await journal.append([action(1)]);
    const lines = await linesReach(folder, 2);

    expect(lines[1]).toMatchObject({ position: 1, watermark: true, _d: 1 });
    expect(await journal.append([action(2)])).toBe(2);
    await journal.close();
    await journal.close();
    expect(await linesOf(folder)).toMatchObject([
      { position: 1 },
      { position: 1, watermark: true },
      { position: 2, _d: 1 },
      { position: 2, watermark: true, _d: 2 },
    ]);
  },
);

it("calls nothing durable with durability os before an fsync was through", async () => {
  const folder = await createJournalFolder();
  const journal = await folder.open({ durability: "os", idleWatermarkMs: 60_000 });
  for (const event of actions(1, 3)) await journal.append([event]);

  expect((await linesOf(folder)).map((line) => line._d)).toEqual([0, 0, 0]);
});

it("writes the watermark that a crash prevented once it is open again", async () => {
  const folder = await folderWith(await makeImage([actions(1, 3)], { closes: false }));
  const journal = await folder.open({ idleWatermarkMs: 5 });

  expect((await linesReach(folder, 4))[3]).toMatchObject({ position: 3, watermark: true, _d: 3 });
  await journal.close();
  expect(await linesOf(folder)).toHaveLength(4);
});
