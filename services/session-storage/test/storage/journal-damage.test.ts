import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";
import { expect, it } from "vitest";

import { readOffsets } from "../contract/journal-contract.ts";
import { action, actions } from "./events.ts";
import { createJournalFolder, keptBytes } from "./journal-folder.ts";
import { folderWith, type JournalImage, makeImage, readImage } from "./journal-image.ts";

interface ImageLine {
  readonly name: string;
  readonly from: number;
  /** Where its newline is. */
  readonly to: number;
  readonly position: number;
  readonly isWatermark: boolean;
  readonly durable: number;
}

function linesOf(image: JournalImage): ImageLine[] {
  return [...image].flatMap(([name, bytes]) => {
    const lines: ImageLine[] = [];
    for (let from = 0, to = bytes.indexOf("\n"); to !== -1; to = bytes.indexOf("\n", from)) {
      const line = JSON.parse(bytes.toString("utf8", from, to)) as Record<string, number>;
      const { position = 0, _d: durable = 0 } = line;
      lines.push({ name, from, to, position, isWatermark: "watermark" in line, durable });
      from = to + 1;
    }
    return lines;
  });
}

function flip(
  image: JournalImage,
  at: number,
  mask: number,
): { image: JournalImage; victim: ImageLine; inLine: number } {
  const flipped: JournalImage = new Map();
  let before = 0;
  let victim: ImageLine | undefined;
  let inLine = 0;
  for (const [name, bytes] of image) {
    const copy = Buffer.from(bytes);
    const local = at - before;
    if (local >= 0 && local < copy.length) {
      copy[local] = (copy[local] ?? 0) ^ mask;
      victim = linesOf(image).find((line) => line.name === name && line.to >= local);
      inLine = local;
    }
    flipped.set(name, copy);
    before += bytes.length;
  }
  if (victim === undefined) throw new Error(`no line at byte ${at}`);
  return { image: flipped, victim, inLine };
}

const appendSizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });

function appendsOf(sizes: readonly number[]) {
  let last = 0;
  return sizes.map((size) => {
    const events = actions(last + 1, last + size);
    last += size;
    return events;
  });
}

it("survives a flipped byte anywhere: one line at most is lost, and it is reported and kept aside", async () => {
  await fc.assert(
    fc.asyncProperty(
      appendSizes,
      fc.integer({ min: 300, max: 3000 }),
      fc.boolean(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (sizes, segmentBytes, closes, where, mask) => {
        const whole = await makeImage(appendsOf(sizes), { closes, segmentBytes });
        const byteCount = [...whole.values()].reduce((sum, bytes) => sum + bytes.length, 0);
        const { image, victim, inLine } = flip(whole, where % byteCount, mask);
        const others = linesOf(whole).filter(
          ({ name, from }) => name !== victim.name || from !== victim.from,
        );
        const isNewline = inLine === victim.to;
        const durable = Math.max(
          ...[...whole.keys()].map((name) => Number.parseInt(name, 10) - 1),
          ...(isNewline ? linesOf(whole) : others).map((line) => line.durable),
        );
        const isHarmless = isNewline || victim.isWatermark;
        const isTorn = !isHarmless && victim.position > durable;
        const all = linesOf(whole).filter((line) => !line.isWatermark);
        const torn = appendsOf(sizes).find((events) =>
          events.some((event) => event.offset === victim.position),
        );
        const survivors = all
          .map((line) => line.position)
          .filter((position) => {
            if (isHarmless) return true;
            if (isTorn) return position < (torn?.[0]?.offset ?? 0);
            return position !== victim.position;
          });
        const lost = isHarmless || isTorn ? [] : [{ from: victim.position, to: victim.position }];

        const folder = await folderWith(image);
        const journal = await folder.open({ segmentBytes });
        expect(await readOffsets(journal)).toEqual(survivors);
        expect(journal.status().lost).toEqual(lost);
        const next = journal.status().position + 1;
        expect(await journal.append([action(next)])).toBe(next);
        await journal.close();

        const again = await folder.open({ segmentBytes });
        expect(await readOffsets(again)).toEqual([...survivors, next]);
        expect(again.status().lost).toEqual(lost);
        await again.close();
        const segment = victim.name.replace(".log", "");
        const damaged = image.get(victim.name)?.subarray(victim.from, victim.to + 1);
        const kept = await keptBytes(folder, `${segment}-`);
        expect(lost.length === 0 || damaged?.equals(kept)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
}, 60_000);

const onlySegment = "0000000000000001.log";

it("keeps two lines of which the newline between them is damaged", async () => {
  const image = await makeImage([[action(1)], [action(2)], [action(3)]], { closes: true });
  const bytes = image.get(onlySegment) ?? Buffer.alloc(0);
  const newlineAt = bytes.indexOf("\n");
  const flipped = Buffer.from(bytes);
  flipped[newlineAt] = 0x41;
  const folder = await folderWith(new Map([[onlySegment, flipped]]));
  const journal = await folder.open();

  expect(await readOffsets(journal)).toEqual([1, 2, 3]);
  expect(journal.status().lost).toEqual([]);
  expect(await readFile(folder.segment(1))).toEqual(bytes);
  expect(await keptBytes(folder, "0000000000000001-")).toEqual(Buffer.from("A"));
});

it("loses no entry when a watermark line is damaged and nothing later says what is durable", async () => {
  const folder = await createJournalFolder();
  await (await folder.open()).close();
  const first = await folder.open();
  await first.append([action(1)]);
  await first.close();
  const second = await folder.open({ idleWatermarkMs: 60_000 });
  await Promise.all([second.append([action(2)]), second.append([action(3)])]);
  const bytes = await readFile(folder.segment(1));
  const watermarkAt = bytes.indexOf("watermark");
  bytes[watermarkAt] = 0x57;
  const damaged = await folderWith(new Map([[onlySegment, bytes]]));
  const journal = await damaged.open();

  expect(await readOffsets(journal)).toEqual([1, 2, 3]);
  expect(journal.status()).toMatchObject({ position: 3, lost: [] });
});

it("takes a position once when its line is there twice", async () => {
  const image = await makeImage([[action(1)], [action(2)]], { closes: true });
  const bytes = image.get(onlySegment) ?? Buffer.alloc(0);
  const firstLine = bytes.subarray(0, bytes.indexOf("\n") + 1);
  const folder = await folderWith(
    new Map([
      [onlySegment, Buffer.concat([firstLine, firstLine, bytes.subarray(firstLine.length)])],
    ]),
  );
  const journal = await folder.open();

  expect(await readOffsets(journal)).toEqual([1, 2]);
  expect(await keptBytes(folder, "0000000000000001-")).toEqual(firstLine);
  expect(await readFile(folder.segment(1))).toEqual(bytes);
});

it("steps over a line that is damaged after the start, and reports it", async () => {
  const folder = await createJournalFolder();
  const journal = await folder.open({ segmentBytes: 700 });
  for (const event of actions(1, 9)) await journal.append([event]);
  const image = await readImage(folder.directory);
  const line = linesOf(image).find(({ position }) => position === 5);
  if (line === undefined) throw new Error("no line with position 5");
  const file = await open(join(folder.directory, line.name), "r+");
  await file.write("#", line.from + 40);
  await file.close();

  expect(await readOffsets(journal)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  expect(await readOffsets(journal, 4)).toEqual([6, 7, 8, 9]);
  expect(await readOffsets(journal, 5)).toEqual([6, 7, 8, 9]);
  expect(journal.status().lost).toEqual([{ from: 5, to: 5 }]);
  expect(folder.lines.filter(({ level }) => level === "error")).toEqual([
    { level: "error", fields: { from: 5, to: 5 }, message: "journal entries are lost to damage" },
  ]);
});

it("reports what a segment that is gone took with it", async () => {
  const whole = await makeImage(
    actions(1, 9).map((event) => [event]),
    { closes: true, segmentBytes: 500 },
  );
  const [, second = "", third = ""] = whole.keys();
  whole.delete(second);
  const folder = await folderWith(whole);
  const journal = await folder.open();

  const lost = { from: Number.parseInt(second, 10), to: Number.parseInt(third, 10) - 1 };
  expect(journal.status()).toMatchObject({ position: 9, lost: [lost] });
  expect(await readOffsets(journal)).toEqual(
    actions(1, 9)
      .map(({ offset }) => offset)
      .filter((offset) => offset < lost.from || offset > lost.to),
  );
});
