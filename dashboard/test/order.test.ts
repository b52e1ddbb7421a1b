import { expect, it } from "vitest";

import { readSession } from "../src/core/wire.ts";
import { attentionOf } from "../src/fleet/attention-order.ts";
import { countByStatus, keepOrder, sortSessions } from "../src/fleet/order.ts";

const now = Date.parse("2026-11-21T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

function session(sessionId: string, status: string, sinceSeconds: number, lastSeconds = 1) {
  return readSession({
    sessionId,
    createdAt: ago(10_000),
    lastActivityAt: ago(lastSeconds),
    activity: {
      status,
      since: ago(sinceSeconds),
      heartbeatAt: lastSeconds > 60 ? ago(lastSeconds) : null,
    },
  });
}

const fleet = [
  session("done", "completed", 5),
  session("runs", "running", 5),
  session("waits-short", "waiting", 5),
  session("waits-long", "waiting", 500),
  session("failed", "failed", 50),
  session("failed-days-ago", "failed", 90_000),
  session("silent", "running", 900, 600),
];
const ids = (list: readonly { sessionId: string }[]) => list.map(({ sessionId }) => sessionId);

it("sorts problems first, and who waits longest at the top", () => {
  expect(ids(sortSessions(fleet, "attention", now))).toEqual([
    "waits-long",
    "waits-short",
    "failed",
    "failed-days-ago",
    "silent",
    "runs",
    "done",
  ]);
});

it("asks for attention for who waits first, then for what failed within a day or is silent", () => {
  const byId = new Map(fleet.map((one) => [one.sessionId, one]));
  expect(ids(attentionOf(byId, [], now))).toEqual([
    "waits-long",
    "waits-short",
    "silent",
    "failed",
  ]);
});

it("counts what the clock says, not only what was recorded", () => {
  expect(countByStatus(fleet, now)).toMatchObject({ waiting: 2, no_heartbeat: 1, running: 1 });
});

it("keeps rows where they are, brings values up to date and puts new ones at the end", () => {
  const changed = [
    session("b", "failed", 1),
    session("new", "waiting", 1),
    session("a", "running", 1),
  ];
  const kept = keepOrder(["a", "b", "gone"], changed);
  expect(ids(kept)).toEqual(["a", "b", "new"]);
  expect(kept[1]?.activity.status).toBe("failed");
});
