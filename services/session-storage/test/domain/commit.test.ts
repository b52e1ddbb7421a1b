import { type Command, type SessionId, limits } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { commit } from "../../src/domain/commit.ts";
import type { SessionCommand } from "../../src/domain/decide.ts";
import type { Session } from "../../src/domain/session.ts";

const sessionId = "s-1" as SessionId;
const now = "2026-01-02T03:04:05.678Z";

interface Given {
  reopen?: boolean;
  isBatch?: boolean;
  ifVersions?: number[];
  known?: Record<string, number>;
}

function run(before: Session | undefined, commands: SessionCommand[], given: Given = {}) {
  const { known = {}, ...options } = given;
  let made = 0;
  return commit(sessionId, before, commands, {
    now,
    newId: () => `id-${(made += 1)}`,
    reopen: false,
    isBatch: commands.length > 1,
    ...options,
    offsetOf: (id) => known[id],
  });
}

const created: Command = { type: "session_created", data: { userId: "ann" } };
const action = (type: string, more = {}): Command => ({ type: "action", data: { type, ...more } });
const patch = (data: Record<string, unknown>, mode: "deep" | "merge" = "deep"): Command => ({
  type: "state_updated",
  data: { mode, patch: data },
});
const after = (...commands: SessionCommand[]) => run(undefined, [created, ...commands]).session;

describe("commit", () => {
  it("numbers the events of a batch from the session's last offset, without gaps", () => {
    const first = run(undefined, [created, action("a"), action("b")]);
    const second = run(first.session, [action("c"), patch({ phase: "x" })]);

    expect(first.events.map(({ offset }) => offset)).toEqual([1, 2, 3]);
    expect(second.events.map(({ offset }) => offset)).toEqual([4, 5]);
    expect(second.session?.metadata).toMatchObject({ offset: 5, counts: { actions: 3 } });
  });

  it("numbers the lines of each log on their own", () => {
    const { events } = run(undefined, [
      created,
      action("a"),
      { type: "response", data: {} },
      action("b"),
    ]);

    expect(events.map(({ data }) => ("seq" in data ? data.seq : undefined))).toEqual([
      undefined,
      1,
      1,
      2,
    ]);
  });

  it("answers a known id with its first offset and stores nothing", () => {
    const session = after(action("a", { id: "r-1" }));

    const { events, outcomes } = run(session, [action("a", { id: "r-1" })], {
      known: { "r-1": 2 },
    });

    expect(events).toEqual([]);
    expect(outcomes).toEqual([{ offset: 2, isDuplicate: true }]);
  });

  it("recognises an id that is twice in one batch", () => {
    const { events, outcomes } = run(after(), [
      action("a", { id: "r-1" }),
      action("b", { id: "r-1" }),
    ]);

    expect(events).toHaveLength(1);
    expect(outcomes.map(({ offset, isDuplicate }) => [offset, isDuplicate])).toEqual([
      [2, false],
      [2, true],
    ]);
  });

  it("stores nothing of a batch that has one refused command, and names its index", () => {
    const session = after();

    expect(() =>
      run(session, [action("a"), { type: "goal_updated", data: { goalId: "g", patch: {} } }]),
    ).toThrowError(
      expect.objectContaining({
        code: "goal_not_found",
        errors: [expect.objectContaining({ field: "/1" })],
      }),
    );
  });

  it("begins again at offset 1 when a session is deleted and created in one batch", () => {
    const { events } = run(after(), [{ type: "session_deleted", force: true }, created]);

    expect(events.map(({ type, offset }) => [type, offset])).toEqual([
      ["session_deleted", 2],
      ["session_created", 1],
    ]);
  });

  it("refuses a state beyond its limit and names the limit", () => {
    const piece = "x".repeat(limits.stateBytes / 4);
    let session = after();
    for (const key of ["a", "b", "c"]) session = run(session, [patch({ [key]: piece })]).session;

    expect(() => run(session, [patch({ d: piece })])).toThrowError(/4194304 \(stateBytes\)/);
    // Replacing what is there does not add up.
    for (const _ of Array(5)) session = run(session, [patch({ c: piece })]).session;
    expect(session?.state["c"]).toBe(piece);
  });
});

describe("what is refused", () => {
  const finalize: Command = { type: "session_finalized", data: { status: "completed" } };
  it.each<[string, Session | undefined, SessionCommand, string, Given]>([
    ["a record of an unknown session", undefined, action("a"), "session_not_found", {}],
    ["a record of a finalized session", after(finalize), action("a"), "session_finalized", {}],
    ["finalizing twice", after(finalize), finalize, "session_finalized", {}],
    [
      "creating for another user",
      after(),
      { type: "session_created", data: { userId: "bob" } },
      "session_exists",
      {},
    ],
    [
      "deleting while running",
      after(),
      { type: "session_deleted", force: false },
      "session_running",
      {},
    ],
    ["a patch of the goals", after(), patch({ goals: [] }), "invalid_content", {}],
    ["a patch of the version", after(), patch({ version: 9 }), "invalid_content", {}],
    [
      "a nested constructor key",
      after(),
      patch({ a: [{ constructor: 1 }] }),
      "invalid_content",
      {},
    ],
    ["a __proto__ key", after(), patch(JSON.parse('{"__proto__":{"x":1}}')), "invalid_content", {}],
    ["another version", after(), patch({ a: 1 }), "version_mismatch", { ifVersions: [4] }],
    [
      "a goal that exists",
      after({ type: "goal_added", data: { goalId: "g", description: "d" } }),
      { type: "goal_added", data: { id: "g", description: "d" } },
      "goal_exists",
      {},
    ],
    [
      "an agent that exists",
      after({ type: "agent_spawned", data: { agentId: "a", type: "t" } }),
      { type: "agent_spawned", data: { agentId: "a", type: "t" } },
      "agent_exists",
      {},
    ],
    [
      "completing an unknown agent",
      after(),
      { type: "agent_completed", data: { agentId: "a", completion: {} } },
      "agent_not_found",
      {},
    ],
  ])("%s", (_name, session, command, code, given) => {
    expect(() => run(session, [command], given)).toThrowError(expect.objectContaining({ code }));
  });
});

describe("a finalized session", () => {
  const finalize: Command = { type: "session_finalized", data: { status: "error", outcome: 1 } };

  it("goes on with reopen, and says so in its history", () => {
    const { events, session } = run(after(finalize), [action("a")], { reopen: true });

    expect(events.map(({ type }) => type)).toEqual(["metadata_updated", "action"]);
    expect(session?.metadata).toMatchObject({ status: "active", finalizedAt: null });
  });

  it("is met again by its creator without a change", () => {
    const { events, session } = run(after(finalize), [created]);

    expect(events).toEqual([]);
    expect(session?.metadata.status).toBe("error");
  });
});

describe("goals and agents", () => {
  it("keep unknown members, defaults and times", () => {
    const session = after(
      { type: "goal_added", data: { description: "d", owner: "me" } },
      { type: "goal_updated", data: { goalId: "id-1", patch: { status: "completed" } } },
    );

    expect(session?.state.goals).toEqual([
      {
        goalId: "id-1",
        id: "id-1",
        description: "d",
        owner: "me",
        status: "completed",
        priority: "medium",
        createdAt: now,
        updatedAt: now,
        completedAt: now,
      },
    ]);
    expect(session?.metadata.counts).toMatchObject({ goals: 1, goalsCompleted: 1 });
    expect(session?.state.version).toBe(2);
  });

  it("let a goal lose its completion", () => {
    const session = after(
      { type: "goal_added", data: { goalId: "g", description: "d", status: "completed" } },
      { type: "goal_updated", data: { goalId: "g", patch: { status: "blocked" } } },
    );

    expect(session?.state.goals[0]).toMatchObject({ status: "blocked", completedAt: null });
  });

  it("let a completion bring the parent, but not the type or the times", () => {
    const session = after(
      { type: "agent_spawned", data: { agentId: "a", type: "t" } },
      {
        type: "agent_completed",
        data: {
          agentId: "a",
          completion: { status: "failed", parentAgentId: "p", type: "u", spawnedAt: "never" },
        },
      },
    );

    expect(session?.state.agents[0]).toMatchObject({
      status: "failed",
      parentAgentId: "p",
      type: "t",
      spawnedAt: now,
      completedAt: now,
    });
    expect(session?.metadata.counts).toMatchObject({ agents: 1, agentsRunning: 0 });
  });
});
