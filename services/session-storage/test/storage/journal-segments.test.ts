import { readdir, readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import type { Journal } from "../../src/journal/journal.ts";
import { collect, readOffsets } from "../contract/journal-contract.ts";
import { action, actions } from "./events.ts";
import { createJournalFolder, type JournalFolder } from "./journal-folder.ts";
import { folderWith, makeImage } from "./journal-image.ts";

const segmentBytes = 1000;

async function openWith(folder: JournalFolder, last: number, retainBytes = 0): Promise<Journal> {
  const journal = await folder.open({ segmentBytes, retainBytes });
  for (const event of actions(1, last)) await journal.append([event]);
  return journal;
}

async function firstsOf(folder: JournalFolder): Promise<number[]> {
  return (await readdir(folder.directory))
    .map((name) => Number.parseInt(name, 10))
    .toSorted((a, b) => a - b);
}

it("begins a segment, named by its first position, where the next batch would not fit", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);
  const firsts = await firstsOf(folder);

  expect(firsts.length).toBeGreaterThan(3);
  for (const first of firsts) {
    const text = await readFile(folder.segment(first), "utf8");
    expect(text.length).toBeLessThanOrEqual(segmentBytes);
    expect(JSON.parse(text.slice(0, text.indexOf("\n")))).toMatchObject({ position: first });
  }
  expect(await readOffsets(journal)).toEqual(actions(1, 20).map((e) => e.offset));
});

it("never splits an append over two segments, be it larger than one", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 2);
  await journal.append(actions(3, 20));
  await journal.append([action(21)]);

  expect(await firstsOf(folder)).toEqual([1, 3, 21]);
});

it.each([0, 1, 5, 12, 19, 20])("reads after position %i across segments", async (after) => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);

  expect(await readOffsets(journal, after)).toEqual(actions(after + 1, 20).map((e) => e.offset));
});

it("lets go of whole segments up to the position, never of a later entry", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);
  const firsts = await firstsOf(folder);
  const [, second = 0, third = 0] = firsts;
  await journal.trim(third - 2);

  expect(await firstsOf(folder)).toEqual(firsts.slice(1));
  expect(journal.status().earliest).toBe(second);
  expect(await readOffsets(journal)).toEqual(actions(second, 20).map((e) => e.offset));
});

it("goes on after the last position when it is opened again after everything was trimmed", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);
  await journal.trim(20);
  await journal.close();
  const reopened = await folder.open({ segmentBytes });

  expect(reopened.status()).toMatchObject({ position: 20, lost: [] });
  expect(await reopened.append([action(21)])).toBe(21);
});

it("keeps the newest entries, so many bytes of them, for those who resume", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20, 2500);
  await journal.trim(20);

  expect(journal.status().bytes).toBeGreaterThanOrEqual(2500);
  expect(journal.status().bytes).toBeLessThanOrEqual(2500 + segmentBytes);
  expect(journal.status().earliest).toBeGreaterThan(1);
});

it("keeps the segment that a reader stands in until the reader leaves it", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);
  const reading = journal.read(0)[Symbol.asyncIterator]();
  const first = await reading.next();
  await journal.trim(20);
  const rest: number[] = [];
  for (let next = await reading.next(); next.done !== true; next = await reading.next())
    rest.push(next.value.position);

  expect(first.value).toMatchObject({ position: 1 });
  expect(rest).toEqual(actions(2, 20).map((e) => e.offset));
  expect(journal.status().lost).toEqual([]);
  await journal.trim(20);
  expect(await firstsOf(folder)).toHaveLength(1);
});

it("keeps nothing for a reader that left early", async () => {
  const folder = await createJournalFolder();
  const journal = await openWith(folder, 20);
  for await (const { position } of journal.read(0)) if (position === 3) break;
  await journal.trim(20);

  expect(await firstsOf(folder)).toHaveLength(1);
});

it("checks segments up to `scanFrom` only when they are read", async () => {
  const image = await makeImage(
    actions(1, 20).map((event) => [event]),
    { closes: true, segmentBytes },
  );
  const [first = "", second = ""] = image.keys();
  image.get(first)?.fill(0x23, 50, 60);
  const checkpoint = Number.parseInt(second, 10) - 1;
  const folder = await folderWith(image);
  const journal = await folder.open({ scanFrom: checkpoint });

  expect(journal.status()).toMatchObject({ position: 20, earliest: 1, lost: [] });
  expect(await readOffsets(journal)).toEqual(actions(2, 20).map((e) => e.offset));
  expect(journal.status().lost).toEqual([{ from: 1, to: 1 }]);
  await journal.close();

  const checked = await folder.open({ scanFrom: checkpoint - 1 });
  expect(checked.status().lost).toEqual([{ from: 1, to: 1 }]);
});

it("gives no position that is on disk elsewhere again, where the journal itself is gone", async () => {
  const folder = await createJournalFolder();
  const journal = await folder.open({ scanFrom: 7 });

  expect(journal.status()).toMatchObject({ position: 7, earliest: 8, lost: [{ from: 1, to: 7 }] });
  expect(await journal.append([action(8)])).toBe(8);
  expect(await readOffsets(journal)).toEqual([8]);
  expect(await firstsOf(folder)).toEqual([8]);
});

it("removes what an interrupted repair left and leaves other files alone", async () => {
  const image = await makeImage([[action(1)]], { closes: true });
  image.set(".0000000000000001.log.tmp", Buffer.from("half"));
  image.set("notes.txt", Buffer.from("mine"));
  const folder = await folderWith(image);
  const journal = await folder.open();

  expect(await readOffsets(journal)).toEqual([1]);
  expect((await readdir(folder.directory)).toSorted()).toEqual([
    "0000000000000001.log",
    "notes.txt",
  ]);
});

it("serves what it has when its newest segment is empty", async () => {
  const image = await makeImage([actions(1, 3)], { closes: false });
  image.set("0000000000000004.log", Buffer.alloc(0));
  const folder = await folderWith(image);
  const journal = await folder.open();

  expect(await collect(journal.read(0))).toHaveLength(3);
  expect(await journal.append([action(4)])).toBe(4);
});
