import { describe, expect, it } from "vitest";

import { deepMerge, findForbiddenKey, mergePatch } from "../../src/domain/merge.ts";

describe("mergePatch", () => {
  // The examples of RFC 7396, appendix A.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j gives %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

describe("deepMerge", () => {
  it.each([
    [{ a: 1 }, { a: null }, { a: null }],
    [{ a: { b: 1 } }, { a: { c: null } }, { a: { b: 1, c: null } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
  ])("%j with %j gives %j", (target, patch, expected) => {
    expect(deepMerge(target, patch)).toEqual(expected);
  });

  it("leaves what it merges as it was", () => {
    const target = { a: { b: 1 } };

    deepMerge(target, { a: { b: 2 } });

    expect(target).toEqual({ a: { b: 1 } });
  });
});

it.each([
  [{ a: { b: [{ constructor: 1 }] } }, "/a/b/0/constructor"],
  [JSON.parse('{"x":{"__proto__":{}}}'), "/x/__proto__"],
  [{ prototype: 1 }, "/prototype"],
  [{ a: [1, "constructor", null] }, undefined],
])("finds the forbidden key of %j", (patch, pointer) => {
  expect(findForbiddenKey(patch)).toBe(pointer);
});
