import { expect, it } from "vitest";

import { createIdWindow } from "../../src/domain/id-window.ts";

it("knows at least its last ids, and forgets the oldest", () => {
  const window = createIdWindow(100);
  for (let offset = 1; offset <= 1_000; offset += 1) window.add(`id-${offset}`, offset);

  expect(window.size).toBeLessThanOrEqual(125);
  for (let offset = 901; offset <= 1_000; offset += 1)
    expect(window.offsetOf(`id-${offset}`)).toBe(offset);
  expect(window.offsetOf("id-1")).toBeUndefined();
});
