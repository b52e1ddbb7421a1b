import { readFileSync } from "node:fs";

import type { Command, SessionId } from "@sessions/contract";
import { expect, it } from "vitest";

import { commit } from "../../src/domain/commit.ts";
import type { Session } from "../../src/domain/session.ts";

/**
 * What the relay made of hooks of the real CLI (2.1.329), in recorded/, one command a line.
 * @returns each status with its reason and what was being done, without repetitions
 */
function statusesOf(name: string): string[] {
  const text = readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), "utf8");
  let session: Session | undefined;
  const seen: string[] = [];
  for (const line of text.trim().split("\n")) {
    session = commit("s-1" as SessionId, session, [JSON.parse(line) as Command], {
      now: "2026-11-21T10:00:00.000Z",
      newId: () => "id",
      isBatch: false,
      reopen: true,
      offsetOf: () => undefined,
    }).session;
    const { status, reason, doing } = session?.metadata.activity ?? {};
    const text = [status, reason && `(${reason})`, doing?.tool].filter(Boolean).join(" ");
    if (seen.at(-1) !== text) seen.push(text);
  }
  return seen;
}

it.each([
  [
    "tools",
    [
      "running",
      "running Bash",
      "running",
      "running Bash",
      "running",
      "running Read",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  [
    "denied",
    [
      "running",
      "running Bash",
      "running",
      "running Read",
      "running",
      "running Bash",
      "running",
      "running Bash",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  [
    "resumed-denied",
    [
      "running",
      "running Bash",
      "waiting (permission_request) Bash",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  [
    "failed-agent",
    [
      "running",
      "running Agent",
      "running",
      "running Agent",
      "running",
      "running Bash",
      "running",
      "running (background tasks)",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  [
    "nested-agents",
    [
      "running",
      "running Agent",
      "running",
      "running Bash",
      "running (background tasks) Bash",
      "running (background tasks)",
      "running (background tasks) Agent",
      "running (background tasks) Bash",
      "running (background tasks) Agent",
      "running (background tasks)",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  [
    "tasks",
    [
      "running",
      "running TaskCreate",
      "running",
      "running TaskUpdate",
      "running",
      "running TaskUpdate",
      "running",
      "running TaskCreate",
      "running",
      "running TaskUpdate",
      "running",
      "idle",
      "completed (other)",
    ],
  ],
  ["compaction", ["running", "idle", "completed (other)"]],
  ["api-error", ["running", "idle", "failed (server_error)"]],
  ["sigterm", ["running", "running Bash", "running", "stopped (other)"]],
])("a recorded run with %s goes through its statuses", (name, statuses) => {
  expect(statusesOf(name)).toEqual(statuses);
});
