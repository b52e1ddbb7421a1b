import type { DayUsage, Spent, Usage } from "@sessions/contract";

import { isObject } from "./merge.ts";

export const nothingSpent: Spent = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreationInputTokens: 0,
  costUsd: null,
};
const noUsage: Usage = { ...nothingSpent, contextTokens: null, contextWindow: null };

/** The state's `usage` after a patch: what is no count keeps what was there. */
export function foldUsage(before: Usage | null, value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const next: Usage = { ...(before ?? noUsage) };
  for (const name of Object.keys(noUsage) as (keyof Usage)[]) {
    const given = value[name];
    if (typeof given === "number" && given >= 0) next[name] = given;
  }
  return next;
}

/**
 * What a session used on one day: agents tell totals, so the day's share is their growth since it began.
 * A total that falls is a correction, or an agent that counts anew: it takes back at most the day's share.
 */
export function foldDayUsage(
  before: DayUsage | null,
  [from, to]: readonly [Usage | null, Usage | null],
  timestamp: string,
): DayUsage | null {
  if (from === to) return before;
  const day = timestamp.slice(0, 10);
  const sum = before?.day === day ? before : nothingSpent;
  const [old, now] = [from ?? nothingSpent, to ?? nothingSpent];
  const grown = (name: keyof Spent) =>
    Math.max(0, (sum[name] ?? 0) + (now[name] ?? 0) - (old[name] ?? 0));
  return {
    day,
    inputTokens: grown("inputTokens"),
    outputTokens: grown("outputTokens"),
    cacheReadInputTokens: grown("cacheReadInputTokens"),
    cacheCreationInputTokens: grown("cacheCreationInputTokens"),
    costUsd: now.costUsd === null && sum.costUsd === null ? null : grown("costUsd"),
  };
}

export function addSpent(sum: Spent, more: Spent): Spent {
  return {
    inputTokens: sum.inputTokens + more.inputTokens,
    outputTokens: sum.outputTokens + more.outputTokens,
    cacheReadInputTokens: sum.cacheReadInputTokens + more.cacheReadInputTokens,
    cacheCreationInputTokens: sum.cacheCreationInputTokens + more.cacheCreationInputTokens,
    costUsd: more.costUsd === null ? sum.costUsd : (sum.costUsd ?? 0) + more.costUsd,
  };
}
