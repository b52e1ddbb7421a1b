import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";

import {
  type FileLine,
  findLine,
  readLines,
  readLinesBackward,
} from "../../src/files/read-lines.ts";

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lines-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "a.jsonl");
  await writeFile(path, text);
  return path;
}

async function flat(batches: AsyncIterable<readonly FileLine[]>) {
  const lines: { at: number; text: string; terminated: boolean }[] = [];
  for await (const batch of batches)
    for (const { at, bytes, terminated } of batch)
      lines.push({ at, text: bytes.toString(), terminated });
  return lines;
}

function linesOf(text: string) {
  let at = 0;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const found = { at, text: line.replace("\n", ""), terminated: line.endsWith("\n") };
    at += Buffer.byteLength(line);
    return found;
  });
}

const texts = fc
  .array(fc.constantFrom("a", "\n", "é", "bcd", "\n\n"), { maxLength: 40 })
  .map((parts) => parts.join(""));

it("gives every line with its byte, forward and backward, for any size of chunk", async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 20 }), async (text, chunkBytes) => {
      const path = await fileWith(text);
      const lines = linesOf(text);

      expect(await flat(readLines(path, { chunkBytes }))).toEqual(lines);
      expect(await flat(readLinesBackward(path, { chunkBytes }))).toEqual(lines.toReversed());
      for (const { at } of lines) {
        expect(await flat(readLines(path, { chunkBytes, from: at }))).toEqual(
          lines.filter((line) => line.at >= at),
        );
        expect(await flat(readLinesBackward(path, { chunkBytes, before: at }))).toEqual(
          lines.filter((line) => line.at < at).toReversed(),
        );
      }
    }),
    { numRuns: 100 },
  );
});

it("reads a line of 3 MiB in chunks", async () => {
  const text = `first\n${"x".repeat(3_145_728)}\nlast`;
  const path = await fileWith(text);

  expect(await flat(readLines(path))).toEqual(linesOf(text));
  expect(await flat(readLinesBackward(path))).toEqual(linesOf(text).toReversed());
});

it("finds no line in a missing file", async () => {
  const path = `${await fileWith("")}.missing`;

  expect(await flat(readLines(path))).toEqual([]);
  expect(await flat(readLinesBackward(path))).toEqual([]);
  expect(await findLine(path, () => 1, 0)).toBe(0);
});

it("finds the first line with a greater key in a file of any size, over damaged lines", async () => {
  // Lines of 0 to 2,000 bytes; keys grow by 0 to 2; every seventh line is damaged.
  const lines = Array.from({ length: 1500 }, (_, index) => ({
    key: index % 7 === 3 ? undefined : Math.floor(index * 1.4),
    padding: "x".repeat((index * 7919) % 2000),
  }));
  const texts = lines.map(({ key, padding }) => `${key ?? "damaged"} ${padding}\n`);
  const path = await fileWith(texts.join(""));
  const keyOf = (line: Buffer) => {
    const key = Number.parseInt(line.toString("latin1", 0, 10), 10);
    return Number.isNaN(key) ? undefined : key;
  };
  const ats = linesOf(texts.join("")).map(({ at }) => at);

  for (let after = -1; after <= 2110; after += 3) {
    const index = lines.findIndex(({ key }) => key !== undefined && key > after);
    expect(await findLine(path, keyOf, after)).toBe(ats[index] ?? texts.join("").length);
  }
});
