import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { expect, it } from "vitest";

import { createBackoff } from "../src/backoff.ts";
import { createCommandLine } from "../src/command.ts";
import { shorten } from "../src/shorten.ts";

it("makes any value fit, and leaves alone what fits", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 5 }),
      fc.integer({ min: 128, max: 2_000 }),
      (value, max) => {
        const json = JSON.stringify(value);
        const result = shorten(JSON.parse(json), max);
        expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(max);
        const fits = Buffer.byteLength(json) <= max;
        expect(fits ? JSON.stringify(result) : json).toBe(json);
      },
    ),
  );
});

it("replaces the largest members, innermost first, by the size and hash of their JSON text", () => {
  const output = "é".repeat(5_000);
  const value = { type: "tool", details: { tool: "Read", output, small: [1, 2, 3] } };
  const sha256 = createHash("sha256").update(JSON.stringify(output)).digest("hex");
  expect(shorten(value, 1_000)).toEqual({
    type: "tool",
    details: {
      tool: "Read",
      output: { shortened: true, bytes: 10_002, sha256 },
      small: [1, 2, 3],
    },
  });
});

it("keeps a command of any size under the limit of a line", () => {
  const members = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, n) => [`m${n}`, "x".repeat(500)]),
  );
  for (const data of [
    { type: "x", text: "é".repeat(600_000) },
    { type: "x", ...members },
  ]) {
    const line = createCommandLine("action", "an-id", data, 1_047_552);
    expect(line.shortened).toBe(true);
    expect(line.bytes).toBeLessThanOrEqual(1_047_552);
    expect(JSON.parse(line.text)).toMatchObject({
      type: "action",
      id: "an-id",
      data: { type: "x" },
    });
  }
});

it("waits anywhere up to a bound that doubles, and never less than it is asked to", () => {
  const longest = createBackoff(200, 30_000, () => 1);
  const waits = Array.from({ length: 12 }, () => longest.next());
  expect(waits.slice(0, 4)).toEqual([200, 400, 800, 1_600]);
  expect(waits.at(-1)).toBe(30_000);
  longest.reset();
  expect(longest.next()).toBe(200);
  const shortest = createBackoff(200, 30_000, () => 0);
  expect([shortest.next(), shortest.next(5_000), shortest.next(1e9)]).toEqual([0, 5_000, 600_000]);
});
