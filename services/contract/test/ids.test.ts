import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cursorSchema, goalIdSchema, recordIdSchema, sessionIdSchema } from "../src/index.ts";

describe("a session's id", () => {
  it.each(["a", "0", "A.b_c-D", "x".repeat(128), "console", "com", "nullable"])(
    "may be %s",
    (id) => {
      expect(sessionIdSchema.safeParse(id).success).toBe(true);
    },
  );

  it.each([
    "",
    ".",
    "..",
    "../../escape",
    "a..b",
    "a/b",
    "a\\b",
    "a\0b",
    "a\n",
    "trailing.",
    ".hidden",
    "-rf",
    "_a",
    "con",
    "NUL",
    "nul.txt",
    "Com1",
    "LPT9.log",
    "größe",
    "x".repeat(129),
  ])("may not be %j", (id) => {
    expect(sessionIdSchema.safeParse(id).success).toBe(false);
  });

  it("is one path segment that no file system reads otherwise", () => {
    const alphabet = fc.constantFrom(..."aZ9._-/\\:%\0 \n*?~".split(""));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (id) => {
        if (!sessionIdSchema.safeParse(id).success) return;
        expect(new URL(id, "file:///volume/sessions/").pathname).toBe(`/volume/sessions/${id}`);
        expect(id).not.toMatch(/[^A-Za-z0-9._-]|\.\.|\.$|^\./);
      }),
      { numRuns: 5_000 },
    );
  });
});

it.each([
  ["a UUID", "0190c0de-0000-7000-8000-000000000000", true],
  ["visible ASCII", "tool:use/1~!", true],
  ["128 characters", "x".repeat(128), true],
  ["129 characters", "x".repeat(129), false],
  ["nothing", "", false],
  ["a space", "a b", false],
  ["a quote", 'a"b', false],
  ["a backslash", "a\\b", false],
  ["text outside ASCII", "ä", false],
])("takes or refuses a record's id of %s", (_what, id, isValid) => {
  expect(recordIdSchema.safeParse(id).success).toBe(isValid);
});

it.each([
  ["goal-1", true],
  ["ns:goal.1", true],
  ["a/b", false],
  ["", false],
])("takes or refuses %j as a goal's id", (id, isValid) => {
  expect(goalIdSchema.safeParse(id).success).toBe(isValid);
});

it.each([
  ["0", 0],
  ["17", 17],
  ["-1", undefined],
  ["1.5", undefined],
  ["x", undefined],
  ["2020-01-01", undefined],
  [String(2 ** 60), undefined],
])("reads the cursor %s", (text, expected) => {
  expect(cursorSchema.safeParse(text).data).toBe(expected);
});
