import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** A session with something of everything, deleted. */
async function deletedSession(client: Client) {
  const sessionId = await client.session({ name: "n", initial: [1] });
  const params = { sessionId };
  await client.append(sessionId, { type: "a", id: "a-1" });
  await client.append(sessionId, { text: "r" }, "appendResponses");
  await client.ok("patchState", { params, body: { phase: "x" } });
  await client.ok("finalizeSession", { params, body: { outcome: "o" } });
  const before = await client.ok("getSession", { params });
  const { events } = await client.ok("getEvents", { params });
  await client.ok("deleteSession", { params });
  return { sessionId, params, before, events };
}

export const restoring: Checks = {
  "brings a deleted session back as it was": async (client) => {
    const { sessionId, params, before, events } = await deletedSession(client);
    await client.refused("getSession", "session_not_found", { params });
    const { session } = await client.ok("restoreSession", { params });
    assert.equal(session.sessionId, sessionId);
    const after = await client.ok("getSession", { params });
    const { offset, lastActivityAt } = session;
    assert.deepEqual(after, {
      ...before,
      metadata: { ...before.metadata, offset, lastActivityAt },
    });
    const listed = await client.ok("listSessions", { query: { q: sessionId } });
    assert.equal(listed.total, 1);
    const history = await client.ok("getEvents", { params });
    assert.deepEqual(history.events.slice(0, events.length), events);
    assert.deepEqual(
      history.events.slice(events.length).map(({ offset: at, type }) => [at, type]),
      [
        [6, "session_deleted"],
        [7, "session_restored"],
      ],
    );
  },

  "goes on with the next offset and knows the ids of its first life": async (client) => {
    const { sessionId, params } = await deletedSession(client);
    await client.ok("restoreSession", { params });
    const again = await client.append(sessionId, { type: "a", id: "a-1" });
    assert.deepEqual([again.offset, again.duplicate], [2, true]);
    const next = await client.ok("appendActions", {
      params,
      query: { reopen: "true" },
      body: { type: "b" },
    });
    assert.deepEqual(next, { success: true, seq: 2, offset: 9 });
  },

  "can be deleted and restored again": async (client) => {
    const { params, events } = await deletedSession(client);
    for (let life = 1; life <= 3; life += 1) {
      const { session } = await client.ok("restoreSession", { params });
      assert.equal(session.offset, events.length + 2 * life);
      await client.ok("deleteSession", { params });
    }
  },

  "tells whoever watches, without a gap": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("caught_up");
    await client.ok("deleteSession", { params, query: { force: "true" } });
    await client.ok("restoreSession", { params });
    await client.append(sessionId, { type: "a" });
    assert.deepEqual(
      (await socket.events(3)).map(({ type, offset }) => [type, offset]),
      [
        ["session_deleted", 2],
        ["session_restored", 3],
        ["action", 4],
      ],
    );
  },

  "restores one of 5 times that it is asked at once": async (client) => {
    const { params } = await deletedSession(client);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => client.raw("restoreSession", { params })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409, 409, 409, 409],
    );
  },

  "refuses what is there, and what never was": async (client) => {
    const { sessionId, params } = await deletedSession(client);
    await client.ok("createSession", { body: { sessionId } });
    await client.refused("restoreSession", "session_exists", { params });
    await client.refused("restoreSession", "session_not_found", {
      params: { sessionId: client.newId() },
    });
  },
};
