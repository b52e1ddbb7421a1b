import type { DayUsage, Usage } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { foldDayUsage, foldUsage } from "../../src/domain/usage.ts";

type Step = readonly [timestamp: string, usage: unknown];
const day = (date: number, clock = "12:00:00") => `2026-11-${date}T${clock}.000Z`;

/** What the session used in all, and on the last day on which it used anything. */
function play(steps: readonly Step[]) {
  let usage: Usage | null = null;
  let dayUsage: DayUsage | null = null;
  for (const [timestamp, value] of steps) {
    const next: Usage | null = foldUsage(usage, value);
    dayUsage = foldDayUsage(dayUsage, [usage, next], timestamp);
    usage = next;
  }
  return { usage, dayUsage };
}

describe("what a session used on one day", () => {
  it.each<[string, Step[], string, number | null, number]>([
    ["all of it on its first day", [[day(20), { costUsd: 2, inputTokens: 5 }]], "2026-11-20", 2, 5],
    [
      "the growth of the totals on the same day",
      [
        [day(20), { costUsd: 2, inputTokens: 5 }],
        [day(20), { costUsd: 3, inputTokens: 9 }],
      ],
      "2026-11-20",
      3,
      9,
    ],
    [
      "the growth since midnight, UTC, on a later day",
      [
        [day(20, "23:59:59"), { costUsd: 2, inputTokens: 5 }],
        [day(21, "00:00:00"), { costUsd: 2.5, inputTokens: 6 }],
        [day(21), { costUsd: 4 }],
      ],
      "2026-11-21",
      2,
      1,
    ],
    [
      "less after a correction",
      [
        [day(20), { costUsd: 5 }],
        [day(20), { costUsd: 4 }],
      ],
      "2026-11-20",
      4,
      0,
    ],
    [
      "nothing after a correction of what was used on an earlier day",
      [
        [day(20), { costUsd: 5 }],
        [day(21), { costUsd: 4 }],
      ],
      "2026-11-21",
      0,
      0,
    ],
    [
      "what came since its agent counts anew",
      [
        [day(20), { costUsd: 5 }],
        [day(21), null],
        [day(21), { costUsd: 1 }],
      ],
      "2026-11-21",
      1,
      0,
    ],
    [
      "tokens alone when nobody told a cost",
      [[day(20), { inputTokens: 7 }]],
      "2026-11-20",
      null,
      7,
    ],
  ])("is %s", (_name, steps, on, costUsd, inputTokens) => {
    expect(play(steps).dayUsage).toMatchObject({ day: on, costUsd, inputTokens });
  });

  it("is unknown until something is told", () => {
    expect(play([[day(20), "much"]])).toEqual({ usage: null, dayUsage: null });
  });
});
