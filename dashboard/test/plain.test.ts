import * as fc from "fast-check";
import { expect, it } from "vitest";

import { briefOf, plain, plainLine } from "../src/core/plain.ts";

it.each([
  ["terminal colours", "\u001b[31mred\u001b[0m", "red"],
  ["a terminal's title", "\u001b]0;owned\u0007text", "text"],
  ["text that runs backwards", "a\u202etxt.exe", "a⟨U+202E⟩txt.exe"],
  ["control characters", "a\u0000b\u0008", "a\ufffdb\ufffd"],
  ["carriage returns that overwrite", "safe\rrm -rf", "safe\nrm -rf"],
  [
    "ordinary text in any script",
    "שלום مرحبا 你好 \ud83d\ude00\n\tx",
    "שלום مرحبا 你好 \ud83d\ude00\n\tx",
  ],
])("makes %s plain", (_name, text, expected) => {
  expect(plain(text)).toBe(expected);
});

const unwanted =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

it("never leaves a control or directional character, whatever comes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(plain(text)).not.toMatch(unwanted);
    }),
  );
});

it("puts any value on one bounded line", () => {
  expect(briefOf({ a: 1, b: "x\ny", c: [1, 2], d: {}, e: null })).toBe(
    "a: 1, b: x y, c: [2], d: {…}, e: null",
  );
  expect(plainLine("x".repeat(1_000_000)).length).toBeLessThan(300);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const brief = briefOf(value);
      expect(brief.length).toBeLessThan(300);
      expect(brief).not.toContain("\n");
    }),
  );
});
