import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { everyKind, recordEveryKind } from "./history.ts";

export const eventStreams: Checks = {
  "streams a session from its start and goes on live": async (client) => {
    const sessionId = await client.session();
    await client.append(sessionId, { type: "a" });
    const stream = await client.eventStream("getEvents", {
      params: { sessionId },
      query: { after: 0 },
    });
    const past = await stream.events(2);
    assert.deepEqual(
      past.map(({ id, event }) => [id, event.offset]),
      [
        ["1", 1],
        ["2", 2],
      ],
    );
    await client.append(sessionId, { type: "b" });
    const [live] = await stream.events(1);
    assert.deepEqual([live?.id, live?.event.type], ["3", "action"]);
  },

  "goes on after Last-Event-ID, which wins over ?after": async (client) => {
    const params = { sessionId: await recordEveryKind(client) };
    const headers = { "last-event-id": "4" };
    const stream = await client.eventStream("getEvents", { params, headers });
    const events = await stream.events(6);
    assert.deepEqual(
      events.map(({ event }) => event.type),
      everyKind.slice(4),
    );
    const both = await client.eventStream("getEvents", { params, headers, query: { after: 1 } });
    assert.equal((await both.events(1))[0]?.id, "5");
  },

  "keeps a stream to the types that are asked for": async (client) => {
    const params = { sessionId: await recordEveryKind(client) };
    const query = { types: "goal_added,goal_updated", after: 0 };
    const stream = await client.eventStream("getEvents", { params, query });
    const events = await stream.events(2);
    assert.deepEqual(
      events.map(({ event }) => event.type),
      ["goal_added", "goal_updated"],
    );
  },

  "streams all sessions by position": async (client) => {
    const stream = await client.eventStream("getFeed");
    const sessionId = await client.session();
    await client.append(sessionId, { type: "a" });
    const seen: string[] = [];
    while (seen.length < 2) {
      const [message] = await stream.events(1);
      assert.equal(message?.id, String(message?.event.position));
      if (message?.event.sessionId === sessionId) seen.push(message.id);
    }
    const again = await client.eventStream("getFeed", {
      headers: { "last-event-id": seen[0] ?? "" },
    });
    const [next] = await again.events(1);
    assert.ok(Number(next?.id) > Number(seen[0]) && Number(next?.id) <= Number(seen[1]));
  },

  "loses and doubles nothing while writers write": async (client) => {
    const sessionId = await client.session();
    const write = async () => {
      for (let n = 0; n < 50; n += 1) await client.append(sessionId, { type: "a", n });
    };
    const writing = client.alongside(Promise.all([write(), write(), write(), write()]));
    const stream = await client.eventStream("getEvents", {
      params: { sessionId },
      query: { after: 0 },
    });
    const events = await stream.events(201);
    await writing;
    assert.deepEqual(
      events.map(({ event }) => event.offset),
      Array.from({ length: 201 }, (_, n) => n + 1),
    );
  },

  "sends a comment when nothing happens, so that nobody closes the stream": async (client) => {
    const params = { sessionId: await client.session() };
    const stream = await client.eventStream("getEvents", { params });
    // The first may be a greeting. Every 10 s, and time for a busy machine.
    for (let n = 0; n < 2; n += 1) await stream.comment(15_000);
  },

  "refuses cursors that are none, and unknown sessions": async (client) => {
    const params = { sessionId: await client.session() };
    const headers = { accept: "text/event-stream" };
    await client.refused("getEvents", "invalid_request", {
      params,
      headers,
      query: { after: "x" },
    });
    await client.refused("getFeed", "invalid_request", { headers, query: { after: "-1" } });
    await client.refused("getEvents", "session_not_found", {
      params: { sessionId: client.newId() },
      headers,
    });
  },
};
