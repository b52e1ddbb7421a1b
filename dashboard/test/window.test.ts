import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { scrollTopFor, sliceOf } from "../src/ui/window.ts";

describe("the rows that are drawn", () => {
  it("cover what is seen, whatever the scroll position", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 4_000_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        (count, scrollTop, viewport) => {
          const { from, to, offsetPx, totalPx } = sliceOf(count, 32, scrollTop, viewport);
          expect(offsetPx).toBe(from * 32);
          expect(totalPx).toBe(count * 32);
          const top = Math.min(scrollTop, Math.max(0, totalPx - viewport));
          const seenFrom = Math.floor(top / 32);
          const seenTo = Math.min(count, Math.ceil((top + viewport) / 32));
          const isPast = scrollTop > top;
          expect(isPast || from <= seenFrom).toBe(true);
          expect(isPast || to >= seenTo).toBe(true);
          expect(to - from).toBeLessThanOrEqual(Math.ceil(viewport / 32) + 10);
        },
      ),
    );
  });

  it("are none of an empty list", () => {
    expect(sliceOf(0, 32, 500, 600)).toEqual({ from: 0, to: 0, offsetPx: 0, totalPx: 0 });
  });
});

it.each([
  [0, 100, 0],
  [3, 0, undefined],
  [30, 0, 31 * 32 - 320],
  [30, 30 * 32, undefined],
])("scrolls row %i into view from %i px to %s", (index, scrollTop, expected) => {
  expect(scrollTopFor(index, 32, scrollTop, 320)).toBe(expected);
});
