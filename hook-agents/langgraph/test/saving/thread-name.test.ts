import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nameOfThread, threadOfName } from "../../src/saving/thread-name.ts";

const threadIds = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("a", "A", "_", "-", ".", "/", "4", "1", "é", "\0") }),
);

describe("the name of a thread", () => {
  it("is one that the store allows", () => {
    fc.assert(
      fc.property(fc.oneof(threadIds, fc.string({ minLength: 100, maxLength: 400 })), (id) => {
        expect(nameOfThread(id)).toMatch(/^[a-z0-9_-]{1,200}$/);
      }),
    );
  });

  it("tells which thread it is of, whatever the id", () => {
    fc.assert(
      fc.property(threadIds, (id) => {
        const wellFormed = Buffer.from(id).toString();
        expect(threadOfName(nameOfThread(wellFormed))).toBe(wellFormed);
      }),
    );
  });

  it.each([
    ["the empty id", "", "_"],
    ["dots, which begin no name", "..", "_2e_2e"],
    ["a path", "../a/B", "_2e_2e_2fa_2f_42"],
    ["what looks written already", "_41", "_5f41"],
    ["a UUID", "0193c0de-7e57-7000-8000-00000000abcd", "0193c0de-7e57-7000-8000-00000000abcd"],
  ])("writes %s", (_case, id, name) => {
    expect(nameOfThread(id)).toBe(name);
  });

  it("is a hash when it would be too long, and tells no thread then", () => {
    const [a, b] = [nameOfThread(`${"x".repeat(300)}a`), nameOfThread(`${"x".repeat(300)}b`)];
    expect(a).toMatch(/^__[0-9a-f]{64}$/);
    expect(a).not.toBe(b);
    expect(threadOfName(a)).toBeUndefined();
  });
});
