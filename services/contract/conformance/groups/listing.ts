import type { SessionPage } from "../../src/index.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

async function listAll(
  client: Client,
  query: Record<string, string | number>,
  between = async () => {},
) {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: SessionPage = await client.ok("listSessions", {
      query: { ...query, ...(cursor !== null && { cursor }) },
    });
    seen.push(...page.sessions.map(({ sessionId }) => sessionId));
    cursor = page.nextCursor;
    await between();
  } while (cursor !== null);
  return seen;
}

export const listing: Checks = {
  "lists the newest activity first": async (client) => {
    const team = client.newId("team");
    const first = await client.session({ labels: { team } });
    const second = await client.session({ labels: { team } });
    await client.append(first, { type: "later" });
    const query = { label: `team:${team}` };
    assert.deepEqual(await listAll(client, query), [first, second]);
    assert.deepEqual(await listAll(client, { ...query, sort: "created" }), [second, first]);
  },

  "filters by status, user, label, parent and text, and all of them at once": async (client) => {
    const userId = client.newId("user");
    const parentSession = await client.session();
    const wanted = await client.session({
      userId,
      parentSession,
      labels: { team: userId, tier: "gold" },
      name: `Report ${userId}`,
    });
    const other = await client.session({ userId, labels: { team: userId, tier: "tin" } });
    await client.ok("finalizeSession", {
      params: { sessionId: wanted },
      body: { status: "error" },
    });

    assert.deepEqual(await listAll(client, { userId }), [wanted, other]);
    assert.deepEqual(await listAll(client, { userId, status: "error" }), [wanted]);
    assert.deepEqual(await listAll(client, { userId, status: "active" }), [other]);
    assert.deepEqual(await listAll(client, { parent: parentSession }), [wanted]);
    assert.deepEqual(await listAll(client, { q: `report ${userId.toUpperCase()}` }), [wanted]);
    assert.deepEqual(await listAll(client, { q: other }), [other]);
    const both = await client.ok("listSessions", {
      query: `label=team:${userId}&label=tier:gold&status=error&userId=${userId}`,
    });
    assert.deepEqual([both.sessions.map(({ sessionId }) => sessionId), both.total], [[wanted], 1]);
  },

  "pages without repeats or holes": async (client) => {
    const team = client.newId("team");
    const ids: string[] = [];
    for (let n = 0; n < 11; n += 1) ids.unshift(await client.session({ labels: { team } }));
    const query = { label: `team:${team}`, limit: 3 };
    assert.deepEqual(await listAll(client, query), ids);
    assert.deepEqual(await listAll(client, { ...query, sort: "created" }), ids);
    const page: SessionPage = await client.ok("listSessions", { query });
    assert.equal(page.total, 11);
    assert.equal(page.sessions.length, 3);
  },

  ...Object.fromEntries(
    ["activity", "created"].map((sort) => [
      `pages by ${sort} without repeats or holes while new sessions arrive`,
      async (client) => {
        const team = client.newId("team");
        const ids: string[] = [];
        for (let n = 0; n < 11; n += 1) ids.unshift(await client.session({ labels: { team } }));
        const seen = await listAll(client, { label: `team:${team}`, limit: 3, sort }, async () => {
          await client.session({ labels: { team } });
        });
        assert.deepEqual(seen, ids);
      },
    ]),
  ),

  "answers an empty page when nothing matches": async (client) => {
    const page: SessionPage = await client.ok("listSessions", {
      query: { userId: client.newId("nobody") },
    });
    assert.deepEqual(page, { sessions: [], nextCursor: null, total: 0 });
  },

  ...Object.fromEntries(
    [
      ["limit=0", "?limit"],
      ["limit=1001", "?limit"],
      ["limit=x", "?limit"],
      ["status=done", "?status"],
      ["sort=name", "?sort"],
      ["label=nocolon", "?label"],
      ["cursor=!!", "?cursor"],
      ["nonsense=1", "?"],
    ].map(([query = "", field = ""]) => [
      `refuses to list with ${query}`,
      async (client: Client) => {
        const problem = await client.refused("listSessions", "invalid_request", { query });
        assert.ok(problem.errors?.[0]?.field.startsWith(field), JSON.stringify(problem.errors));
      },
    ]),
  ),
};
