import fc from "fast-check";
import { expect, it } from "vitest";

import {
  batchBytes,
  cutPower,
  linesOf,
  positionsIn,
  recover,
  watermarkLine,
} from "./simulated-disk.ts";

const runs = 1_700;

const life = fc.record({
  /** Sizes of appends, by batch. */
  batches: fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  }),
  isIdleAfter: fc.boolean(),
  /** The last batch was written, not synced; with `os` all of them. */
  durability: fc.constantFrom("fsync", "os"),
  cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
  blockBytes: fc.constantFrom(16, 64, 512, 4096),
  /** Bit by block, repeating. */
  blocks: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  /** A byte of what is durable rots while the power is off, in about half of the lives. */
  rot: fc.option(fc.record({ where: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) })),
});

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

it(`loses nothing unreported over ${runs} chains of power cuts`, () => {
  let crashes = 0;
  fc.assert(
    fc.property(fc.array(life, { minLength: 12, maxLength: 12 }), (lives) => {
      let bytes: Buffer = Buffer.alloc(0);
      let last = 0;
      let lost: number[] = [];
      for (const { batches, isIdleAfter, durability, cutAt, blockBytes, blocks, rot } of lives) {
        let durable = last;
        let synced = bytes.length;
        /** The last position of each append, in order. */
        const ends: number[] = [];
        for (const [index, sizes] of batches.entries()) {
          const batch = batchBytes(sizes, last, durable);
          bytes = Buffer.concat([bytes, batch.bytes]);
          ends.push(...batch.positions);
          last = batch.last;
          if (durability === "fsync" && index < batches.length - 1) {
            durable = last;
            synced = bytes.length;
          }
        }
        if (isIdleAfter) {
          bytes = Buffer.concat([bytes, watermarkLine(last)]);
          durable = last;
          synced = bytes.length;
        }
        const length = Math.floor(cutAt * (bytes.length - synced + 1));
        let left = cutPower(
          bytes,
          synced,
          length,
          blockBytes,
          (block) => ((blocks >> BigInt(block % 64)) & 1n) === 1n,
        );
        const rotten = rot === null ? undefined : rotOne(left, synced, rot.where, rot.mask);
        if (rotten !== undefined) {
          left = rotten.bytes;
          if (rotten.position !== undefined)
            lost = [...lost, rotten.position].toSorted((a, b) => a - b);
        }
        const recovered = recover(left);
        crashes += 1;

        const kept = recovered.plan.last;
        expect(kept).toBeGreaterThanOrEqual(durable);
        expect([durable, ...ends]).toContain(kept);
        expect(recovered.plan.lost.flatMap(({ from, to }) => range(from, to))).toEqual(lost);
        expect(positionsIn(recovered.bytes)).toEqual(
          range(1, kept).filter((position) => !lost.includes(position)),
        );
        bytes = recovered.bytes;
        last = kept;
      }
    }),
    { numRuns: runs },
  );
  expect(crashes).toBeGreaterThan(20_000);
}, 180_000);

/**
 * Flips a byte in a line that another synced line says to be durable; undefined when there is no such line.
 * @returns the position that it costs, none for a newline
 */
function rotOne(bytes: Buffer, synced: number, where: number, mask: number) {
  const lines = linesOf(bytes.subarray(0, synced)).map(({ at, bytes: line }) => ({
    at,
    end: at + line.length,
    line: JSON.parse(line.toString()) as { position: number; watermark?: true; _d: number },
  }));
  const victims = lines.filter(
    ({ line }, index) =>
      line.watermark === undefined &&
      lines.some((other, otherIndex) => otherIndex !== index && other.line._d >= line.position),
  );
  const victim = victims[where % victims.length];
  if (victim === undefined) return undefined;
  const at = victim.at + (where % (victim.end - victim.at + 1));
  const rotten = Buffer.from(bytes);
  rotten[at] = (rotten[at] ?? 0) ^ mask;
  return { bytes: rotten, position: at === victim.end ? undefined : victim.line.position };
}
