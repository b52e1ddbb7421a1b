import type { SearchResult } from "../../src/index.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** A service that has much to search stops early, and goes on from there. */
async function searchAll(client: Client, q: string): Promise<SearchResult["results"]> {
  const results: SearchResult["results"] = [];
  for (let after: string | null = ""; after !== null;) {
    const query: Record<string, string> = after === "" ? { q } : { q, after };
    const page: SearchResult = await client.ok("search", { query });
    assert.deepEqual([page.stoppedBy === null, page.next === null], [page.complete, page.complete]);
    results.push(...page.results);
    after = page.next;
  }
  return results;
}

export const query: Checks = {
  "names the sessions with the latest activity": async (client) => {
    const first = await client.session();
    const second = await client.session();
    await client.append(first, { type: "later" });
    const { sessions } = await client.ok("recentSessions", { query: { limit: 50 } });
    const ids: string[] = sessions.map(({ sessionId }) => sessionId);
    assert.ok(ids.includes(first) && ids.indexOf(first) < ids.indexOf(second), ids.join());
    const one = await client.ok("recentSessions", { query: { limit: 1 } });
    assert.equal(one.sessions.length, 1);
  },

  "names a session as active until it is finalized": async (client) => {
    const sessionId = await client.session();
    const active = async () => {
      const { sessions } = await client.ok("activeSessions", { query: { limit: 1_000 } });
      assert.ok(sessions.every(({ status }) => status === "active"));
      return sessions.some((session) => session.sessionId === sessionId);
    };
    assert.equal(await active(), true);
    await client.ok("finalizeSession", { params: { sessionId }, body: {} });
    assert.equal(await active(), false);
  },

  "folds what a session is doing out of its state": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const patch = (body: object) => client.ok("patchState", { params, body });
    const activity = async () => (await client.ok("getSession", { params })).metadata?.activity;
    assert.equal((await activity())?.status, "running");

    await patch({ waiting: { reason: "permission_request", tool: "Bash", summary: "rm x" } });
    const waiting = await activity();
    assert.equal(waiting?.status, "waiting");
    assert.equal(waiting?.reason, "permission_request");
    assert.equal(waiting?.waiting?.detail, "rm x");
    const { attention, counts } = await client.ok("fleet");
    assert.ok(counts.waiting >= 1);
    assert.ok(attention.length === 200 || attention.some((one) => one.sessionId === sessionId));

    await patch({ waiting: null, phase: "idle", usage: { inputTokens: 7 } });
    assert.equal((await activity())?.status, "idle");
    assert.equal((await activity())?.usage?.inputTokens, 7);
    await client.ok("finalizeSession", { params, body: { status: "error", outcome: "gave up" } });
    assert.deepEqual(
      [(await activity())?.status, (await activity())?.reason],
      ["failed", "gave up"],
    );
  },

  "counts what was recorded": async (client) => {
    const before = await client.ok("stats");
    const sessionId = await client.session();
    const params = { sessionId };
    await client.appendBatch(sessionId, [{ type: "a" }, { type: "b" }]);
    await client.append(sessionId, {}, "appendResponses");
    await client.ok("addGoal", { params, body: { description: "d", status: "completed" } });
    await client.ok("spawnAgent", { params, body: { type: "t" } });
    await client.ok("finalizeSession", { params, body: {} });
    const after = await client.ok("stats");

    // Others may use the service at the same time, so that a count may have grown by more.
    const grown = (name: Exclude<keyof typeof after, "byStatus">) => after[name] - before[name];
    assert.ok(grown("actions") >= 2, JSON.stringify({ before, after }));
    for (const name of [
      "total",
      "completed",
      "responses",
      "goals",
      "goalsCompleted",
      "agents",
    ] as const) {
      assert.ok(grown(name) >= 1, `${name}: ${JSON.stringify({ before, after })}`);
    }
    assert.equal(
      after.total,
      Object.values(after.byStatus).reduce((sum, count) => sum + count, 0),
    );
    assert.deepEqual(
      [after.active, after.completed],
      [after.byStatus.active, after.byStatus.completed],
    );
  },

  "shows who waits for attention, and for what, until it goes on": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const asks = async () => {
      const { attention, counts } = await client.ok("fleet");
      assert.ok(Object.values(counts).every((count) => count >= 0));
      return attention.find((session) => session.sessionId === sessionId)?.activity;
    };
    assert.equal(await asks(), undefined);
    const waiting = { reason: "permission", tool: "Bash", summary: "rm -r build" };
    await client.ok("patchState", { params, body: { waiting } });
    const activity = await asks();
    const { reason, tool, detail } = activity?.waiting ?? {};
    assert.deepEqual(
      [activity?.status, reason, tool, detail],
      ["waiting", "permission", "Bash", "rm -r build"],
    );
    await client.ok("patchState", { params, body: { waiting: null } });
    assert.equal(await asks(), undefined);
    await client.ok("finalizeSession", { params, body: { status: "error" } });
    assert.equal((await asks())?.status, "failed");
  },

  "tells how much was used, in all and today": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const dayOf = (time: string) => time.slice(0, 10);
    const use = (usage: object) => client.ok("patchState", { params, body: { usage } });
    const before = await client.ok("fleet");
    await use({ outputTokens: 5, costUsd: 0.5 });
    await use({ outputTokens: 7, costUsd: 0.75 });
    const { metadata } = await client.ok("getSession", { params });
    const after = await client.ok("fleet");

    assert.ok(metadata !== undefined);
    const { usage, dayUsage } = metadata.activity;
    assert.deepEqual([usage?.outputTokens, usage?.costUsd], [7, 0.75]);
    assert.equal(dayUsage?.day, dayOf(metadata.lastActivityAt));
    // A case that runs over midnight has a share of it on either day.
    if (dayOf(metadata.createdAt) === dayUsage.day)
      assert.deepEqual([dayUsage.outputTokens, dayUsage.costUsd], [7, 0.75]);
    // Others may use the service at the same time, so that a sum may have grown by more.
    assert.ok(after.usage.outputTokens >= before.usage.outputTokens + 7);
    if (before.today.day === after.today.day)
      assert.ok(
        after.today.outputTokens >= before.today.outputTokens + 7,
        JSON.stringify([before.today, after.today]),
      );
    assert.ok(after.today.outputTokens <= after.usage.outputTokens);
  },

  "finds text in what was recorded": async (client) => {
    const word = `needle${client.newId("w").replaceAll("-", "")}`;
    const [first, second] = [await client.session(), await client.session()];
    const { offset } = await client.append(first, {
      type: "note",
      details: { text: `a ${word} b` },
    });
    await client.append(second, { text: word }, "appendResponses");

    const results = await searchAll(client, word);
    assert.deepEqual(
      results.map(({ sessionId }) => sessionId).toSorted(),
      [first, second].toSorted(),
    );
    assert.ok(results.every(({ snippet }) => snippet.includes(word)));

    const inOne = await client.ok("search", { query: { q: word.toUpperCase(), session: first } });
    assert.deepEqual(
      inOne.results.map(({ sessionId, offset: at, type }) => [sessionId, at, type]),
      [[first, offset, "action"]],
    );
    assert.equal(inOne.sessionsSearched, 1);
  },

  "says when a search stopped early, and goes on from there": async (client) => {
    const word = `needle${client.newId("w").replaceAll("-", "")}`;
    const sessionId = await client.session();
    await client.appendBatch(
      sessionId,
      [1, 2, 3].map((n) => ({ type: "note", n, word })),
    );
    const offsets: number[] = [];
    let next: string | null = "";
    let rounds = 0;
    while (next !== null) {
      assert.ok((rounds += 1) <= 10, "the search does not end");
      const found: SearchResult = await client.ok("search", {
        query: { q: word, session: sessionId, limit: 1, ...(next !== "" && { after: next }) },
      });
      assert.equal(found.complete, found.stoppedBy === null);
      assert.equal(found.complete, found.next === null);
      offsets.push(...found.results.map(({ offset }) => offset));
      next = found.next;
    }
    assert.deepEqual(
      offsets.toSorted((a, b) => a - b),
      [2, 3, 4],
    );
  },

  "refuses a search without text and one in an unknown session": async (client) => {
    await client.refused("search", "invalid_request");
    await client.refused("search", "invalid_request", { query: { q: "" } });
    await client.refused("search", "invalid_request", { query: { q: "x", after: "!!" } });
    await client.refused("search", "session_not_found", {
      query: { q: "x", session: client.newId() },
    });
  },

  "refuses limits out of bounds": async (client) => {
    for (const limit of ["0", "-1", "1001", "1.5", "x"]) {
      await client.refused("recentSessions", "invalid_request", { query: { limit } });
      await client.refused("activeSessions", "invalid_request", { query: { limit } });
    }
  },
};
