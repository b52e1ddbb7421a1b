import { expect, it } from "vitest";

import { hasNoHeartbeat } from "../src/index.ts";

const now = Date.parse("2026-11-21T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

it.each([
  ["running, heard a minute ago", "running", 1, true, false],
  ["running, silent for two minutes", "running", 2, true, true],
  ["waiting, silent for two minutes", "waiting", 2, true, true],
  ["running without ever a heartbeat, silent for ten minutes", "running", 10, false, false],
  ["running without ever a heartbeat, silent for twenty minutes", "running", 20, false, true],
  ["waiting without ever a heartbeat, for hours", "waiting", 300, false, false],
  ["idle for hours", "idle", 300, true, false],
  ["completed", "completed", 300, true, false],
])("%s", (_name, status, minutes, sendsHeartbeats, expected) => {
  const lastActivityAt = minutesAgo(minutes);
  const heartbeatAt = sendsHeartbeats ? lastActivityAt : null;

  expect(hasNoHeartbeat({ lastActivityAt, activity: { status, heartbeatAt } }, now)).toBe(expected);
});
