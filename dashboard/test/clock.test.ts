import { afterEach, expect, it } from "vitest";

import { followServiceClock, now, serviceNow } from "../src/core/clock.ts";

afterEach(() => followServiceClock(Date.now()));

it.each([
  ["ahead", 86_400_000],
  ["behind", -86_400_000],
])("goes by the service's clock when the browser's is a day %s", (_name, differenceMs) => {
  followServiceClock(Date.now() + differenceMs);

  expect(Math.abs(serviceNow() - Date.now() - differenceMs)).toBeLessThan(1_000);
  expect(Math.abs(now.value - Date.now() - differenceMs)).toBeLessThan(1_000);
});

it("does not jump for what the way of a message takes", () => {
  followServiceClock(Date.now() - 1_500);

  expect(Math.abs(serviceNow() - Date.now())).toBeLessThan(1_000);
});
