import { type EventType, contentTypes, limits } from "../../src/index.ts";
import { contentTypeOf } from "../answer.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { checkEvent } from "../socket.ts";

/** One event of every kind but the last two, in this order. */
export const everyKind: readonly EventType[] = [
  "session_created",
  "action",
  "response",
  "state_updated",
  "goal_added",
  "goal_updated",
  "agent_spawned",
  "agent_completed",
  "metadata_updated",
  "session_finalized",
];

/** Records one event of every kind through the calls that people use. */
export async function recordEveryKind(client: Client, sessionId = client.newId()) {
  const params = { sessionId };
  await client.ok("createSession", { body: { sessionId, name: "every kind" } });
  await client.append(sessionId, { type: "tool_use", id: "r-1" });
  await client.append(sessionId, { text: "said" }, "appendResponses");
  await client.ok("patchState", { params, body: { phase: "execution" } });
  await client.ok("addGoal", { params, body: { goalId: "g", description: "d" } });
  await client.ok("patchGoal", {
    params: { sessionId, goalId: "g" },
    body: { status: "completed" },
  });
  await client.ok("spawnAgent", { params, body: { agentId: "a", type: "t" } });
  await client.ok("completeAgent", { params: { sessionId, agentId: "a" }, body: { result: 1 } });
  await client.ok("patchMetadata", { params, body: { name: "renamed" } });
  await client.ok("finalizeSession", { params, body: { outcome: "fine" } });
  return sessionId;
}

export const history: Checks = {
  "merges everything that happened by offset": async (client) => {
    const sessionId = await recordEveryKind(client);
    const page = await client.ok("getEvents", { params: { sessionId } });
    assert.deepEqual(
      page.events.map(({ type }) => type),
      everyKind,
    );
    assert.deepEqual(
      page.events.map(({ offset }) => offset),
      everyKind.map((_, n) => n + 1),
    );
    for (const event of page.events) {
      assert.equal(checkEvent(event).sessionId, sessionId);
    }
    const positions = page.events.map(({ position }) => position);
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(positions).size, positions.length);
    const { next, earliest, latest, hasMore } = page;
    assert.deepEqual(
      { next, earliest, latest, hasMore },
      { next: 10, earliest: 1, latest: 10, hasMore: false },
    );
  },

  "carries in an event what was sent": async (client) => {
    const sessionId = await recordEveryKind(client);
    const { events } = await client.ok("getEvents", { params: { sessionId } });
    const dataOf = (type: EventType) => events.find((event) => event.type === type)?.data ?? {};
    const { seq, id, type } = dataOf("action");
    assert.deepEqual({ seq, id, type }, { seq: 1, id: "r-1", type: "tool_use" });
    assert.equal(dataOf("response")["text"], "said");
    assert.deepEqual(dataOf("state_updated")["patch"], { phase: "execution" });
    assert.equal(dataOf("session_created")["name"], "every kind");
    assert.deepEqual(dataOf("metadata_updated")["patch"], { name: "renamed" });
    assert.equal(dataOf("session_finalized")["outcome"], "fine");
  },

  "pages with `next` until there is no more": async (client) => {
    const params = { sessionId: await recordEveryKind(client) };
    const offsets: number[] = [];
    let after = 0;
    let hasMore = true;
    while (hasMore) {
      const page = await client.ok("getEvents", { params, query: { after, limit: 3 } });
      assert.ok(page.events.length <= 3 && page.next > after);
      offsets.push(...page.events.map(({ offset }) => offset));
      ({ next: after, hasMore } = page);
    }
    assert.deepEqual(
      offsets,
      everyKind.map((_, n) => n + 1),
    );
    const end = await client.ok("getEvents", { params, query: { after } });
    assert.deepEqual([end.events, end.next, end.latest, end.hasMore], [[], 10, 10, false]);
  },

  "filters by types and still pages to the end": async (client) => {
    const params = { sessionId: await client.session() };
    for (let n = 0; n < 5; n += 1) {
      await client.append(params.sessionId, { type: "a", n });
      await client.append(params.sessionId, { n }, "appendResponses");
    }
    const seen: unknown[] = [];
    let after = 0;
    let hasMore = true;
    for (let rounds = 0; hasMore; rounds += 1) {
      assert.ok(rounds < 20, "the pages do not end");
      const query = { types: "response,session_created", after, limit: 2 };
      const page = await client.ok("getEvents", { params, query });
      seen.push(...page.events.map(({ type, data }) => [type, data["n"]]));
      ({ next: after, hasMore } = page);
    }
    assert.deepEqual(seen, [
      ["session_created", undefined],
      ...[0, 1, 2, 3, 4].map((n) => ["response", n]),
    ]);
    await client.refused("getEvents", "invalid_request", { params, query: { types: "nonsense" } });
  },

  "streams the history as NDJSON": async (client) => {
    const params = { sessionId: await recordEveryKind(client) };
    const answer = await client.raw("getEvents", {
      params,
      query: { after: 2 },
      headers: { accept: contentTypes.ndjson },
    });
    assert.equal(contentTypeOf(answer), contentTypes.ndjson);
    const lines = answer.text.trimEnd().split("\n");
    const events = lines.map((line) => checkEvent(JSON.parse(line)));
    assert.deepEqual(
      events.map(({ type }) => type),
      everyKind.slice(2),
    );
  },
};

const command = (type: string, data: unknown, id?: string) => ({
  type,
  data,
  ...(id !== undefined && { id }),
});
const commands = (name: string) => [
  command("session_created", { name, userId: "ada" }, "c-1"),
  command("action", { type: "tool_use", id: "c-2" }),
  command("response", { text: "said" }, "c-3"),
  command("state_updated", { patch: { phase: "p", gone: 1 } }, "c-4"),
  command("state_updated", { mode: "merge", patch: { gone: null } }, "c-5"),
  command("goal_added", { goalId: "g", description: "d" }, "c-6"),
  command("goal_updated", { goalId: "g", patch: { status: "completed" } }, "c-7"),
  command("agent_spawned", { agentId: "a", type: "t" }, "c-8"),
  command("agent_completed", { agentId: "a", completion: { result: 1 } }, "c-9"),
  command("metadata_updated", { name: "renamed" }, "c-10"),
  command("session_finalized", { status: "stopped" }, "c-11"),
];

export const batches: Checks = {
  ...Object.fromEntries(
    [contentTypes.json, contentTypes.ndjson].map((type) => [
      `creates a session and records every kind of event from one batch of ${type}`,
      async (client) => {
        const params = { sessionId: client.newId() };
        const all = commands("batch");
        const body =
          type === contentTypes.json ? all : all.map((one) => `${JSON.stringify(one)}\n`).join("");
        const receipt = await client.ok("appendEvents", {
          params,
          headers: { "content-type": type },
          body,
        });
        assert.deepEqual([receipt.accepted, receipt.duplicates, receipt.offset], [11, 0, 11]);

        const page = await client.ok("getEvents", { params });
        assert.deepEqual(
          page.events.map((event) => event.type),
          all.map((one) => one.type),
        );
        const view = await client.ok("getSession", { params });
        assert.deepEqual(
          [view.metadata?.userId, view.metadata?.name, view.metadata?.status, view.state?.version],
          ["ada", "renamed", "stopped", 6],
        );
        assert.ok(view.state !== undefined && !("gone" in view.state));
        assert.equal(view.state.goals[0]?.status, "completed");
        assert.equal(view.state.agents[0]?.result, 1);
      },
    ]),
  ),

  "stores a batch once, however often it comes": async (client) => {
    const params = { sessionId: client.newId() };
    const body = commands("again").slice(0, -1);
    await client.ok("appendEvents", { params, body });
    const again = await client.ok("appendEvents", { params, body });
    assert.deepEqual([again.accepted, again.duplicates, again.offset], [0, 10, 10]);
    const more = [...body, command("action", { type: "new" }, "c-12")];
    const grown = await client.ok("appendEvents", { params, body: more });
    assert.deepEqual([grown.accepted, grown.duplicates, grown.offset], [1, 10, 11]);
  },

  "stores one batch when 10 bring the same at the same time": async (client) => {
    const params = { sessionId: client.newId() };
    const body = commands("race").slice(0, -1);
    const receipts = await Promise.all(
      Array.from({ length: 10 }, () => client.ok("appendEvents", { params, body })),
    );
    assert.equal(receipts.filter(({ accepted }) => accepted === 10).length, 1);
    assert.equal((await client.ok("getSession", { params })).metadata?.offset, 10);
  },

  ...Object.fromEntries(
    (
      [
        ["is of an unknown type", { type: "nonsense", data: {} }, "invalid_content", "/1/type"],
        ["is not valid", command("action", { tool: "x" }), "invalid_content", "/1/data/type"],
        [
          "has an unknown member",
          { ...command("action", { type: "a" }), more: 1 },
          "invalid_content",
          "/1/more",
        ],
        [
          "names an unknown goal",
          command("goal_updated", { goalId: "none", patch: {} }),
          "goal_not_found",
          "/1",
        ],
        [
          "names an unknown agent",
          command("agent_completed", { agentId: "none", completion: {} }),
          "agent_not_found",
          "/1",
        ],
        [
          "patches a managed member",
          command("state_updated", { patch: { goals: [] } }),
          "invalid_content",
          "/1/data/patch/goals",
        ],
      ] as const
    ).map(([what, bad, code, field]) => [
      `stores nothing of a batch whose second command ${what}`,
      async (client: Client) => {
        const params = { sessionId: client.newId() };
        const body = [command("session_created", {}), bad, command("action", { type: "a" })];
        const problem = await client.refused("appendEvents", code, { params, body });
        assert.equal(problem.errors?.[0]?.field, field);
        await client.refused("getSession", "session_not_found", { params });
      },
    ]),
  ),

  "refuses a batch to a session that it does not create and that is not there": async (client) => {
    await client.refused("appendEvents", "session_not_found", {
      params: { sessionId: client.newId() },
      body: [command("action", { type: "a" })],
    });
  },

  "refuses a batch that creates the session of another user": async (client) => {
    const sessionId = await client.session({ userId: "ada" });
    await client.refused("appendEvents", "session_exists", {
      params: { sessionId },
      body: [command("session_created", { userId: "bob" }), command("action", { type: "a" })],
    });
    assert.deepEqual(await client.ok("getActions", { params: { sessionId } }), []);
  },

  "reopens a finalized session with ?reopen=true": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    await client.ok("finalizeSession", { params, body: {} });
    const body = [command("session_created", {}), command("action", { type: "on" })];
    await client.refused("appendEvents", "session_finalized", { params, body });
    await client.ok("appendEvents", { params, query: { reopen: "true" }, body });
    assert.equal((await client.ok("getSession", { params })).metadata?.status, "active");
  },

  "shortens large data when a preview is asked for, and has it whole on demand": async (client) => {
    const sessionId = await client.session();
    const text = "\u{1f600}".repeat(10_000);
    await client.append(sessionId, { type: "small", text: "all of it" });
    await client.append(sessionId, {
      type: "large",
      details: { text, list: Array(5_000).fill(text[0]) },
    });
    const ask = (query: Record<string, string | number>) =>
      client.ok("getEvents", { params: { sessionId }, query });
    const { events } = await ask({ after: 1, preview: "1" });

    assert.equal(events[0]?.fullBytes, undefined);
    assert.equal(events[0]?.data["text"], "all of it");
    assert.equal(events[1]?.data["type"], "large");
    assert.ok(Buffer.byteLength(JSON.stringify(events[1]?.data)) <= limits.previewBytes);
    const [whole] = (await ask({ after: 2, limit: 1 })).events;
    assert.equal(events[1]?.fullBytes, Buffer.byteLength(JSON.stringify(whole?.data)));
  },

  "shortens an entry of a transcript to less than a record": async (client) => {
    const sessionId = await client.session();
    const content = "word ".repeat(1_000);
    const message = { role: "user", content };
    const entry = { parentUuid: null, type: "user", message, uuid: client.newId() };
    await client.ok("appendEntries", { params: { projectKey: "p", sessionId }, body: [entry] });
    const ask = async (query: Record<string, string | number>) =>
      (await client.ok("getEvents", { params: { sessionId }, query })).events[0];
    const short = await ask({ after: 1, preview: "1" });

    assert.ok(Buffer.byteLength(JSON.stringify(short?.data)) <= limits.entryPreviewBytes);
    assert.deepEqual([short?.data["seq"], short?.data["projectKey"]], [1, "p"]);
    const whole = await ask({ after: 1, limit: 1 });
    assert.deepEqual(whole?.data["entry"], entry);
    assert.equal(short?.fullBytes, Buffer.byteLength(JSON.stringify(whole?.data)));
  },
};
