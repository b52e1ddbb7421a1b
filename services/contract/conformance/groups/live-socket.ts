import { parseProblem } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { upgradeRefusal } from "../socket.ts";
import { everyKind, recordEveryKind } from "./history.ts";

export const liveSocket: Checks = {
  "greets with a connected frame": async (client) => {
    const socket = await client.socket(`?session=${await client.session()}`);
    const frame = await socket.next();
    assert.equal(frame.type, "connected");
    assert.ok(frame.type === "connected" && frame.authenticated && frame.position > 0);
  },

  "sends what is appended as it is appended": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("connected");
    const { offset } = await client.append(sessionId, { type: "live", details: { text: "✓" } });
    const [event] = await socket.events(1);
    assert.deepEqual([event?.type, event?.sessionId, event?.offset], ["action", sessionId, offset]);
    assert.deepEqual(event?.type === "action" && event.data["details"], { text: "✓" });
  },

  "sends the same events that the history holds, of every kind": async (client) => {
    const sessionId = client.newId();
    const socket = await client.socket();
    await socket.until("connected");
    await recordEveryKind(client, sessionId);
    await client.ok("deleteSession", { params: { sessionId } });
    const events = [];
    while (events.length < everyKind.length + 1) {
      const [event] = await socket.events(1);
      if (event?.sessionId === sessionId) events.push(event);
    }
    assert.deepEqual(
      events.map(({ type }) => type),
      [...everyKind, "session_deleted"],
    );
    assert.deepEqual(
      events.map(({ offset }) => offset),
      events.map((_, n) => n + 1),
    );
  },

  "sends one session's frames only to who asked for it": async (client) => {
    const [mine, other] = [await client.session(), await client.session()];
    const socket = await client.socket(`?session=${mine}`);
    await socket.until("connected");
    await client.append(other, { type: "theirs" });
    await client.append(mine, { type: "mine" });
    const [event] = await socket.events(1);
    assert.equal(event?.sessionId, mine);
  },

  "shows every session's actions on the feed without a session": async (client) => {
    const socket = await client.socket();
    await socket.until("connected");
    const wanted = new Set<string>();
    for (let n = 0; n < 3; n += 1) {
      const sessionId = await client.session();
      await client.append(sessionId, { type: "seen" });
      wanted.add(sessionId);
    }
    while (wanted.size > 0) {
      const event = await socket.until("action");
      wanted.delete(event.sessionId);
    }
  },

  "keeps the feed of a user to that user's sessions": async (client) => {
    const userId = client.newId("user");
    const socket = await client.socket(`?user=${userId}`);
    await socket.until("connected");
    await client.append(await client.session({ userId: `${userId}x` }), { type: "theirs" });
    const mine = await client.session({ userId });
    await client.append(mine, { type: "mine" });
    const events = await socket.events(2);
    assert.deepEqual(
      events.map(({ sessionId, type }) => [sessionId, type]),
      [
        [mine, "session_created"],
        [mine, "action"],
      ],
    );
  },

  "follows sessions that are subscribed later, and leaves them": async (client) => {
    const [first, second, third] = [
      await client.session(),
      await client.session(),
      await client.session(),
    ];
    const socket = await client.socket(`?session=${first}`);
    await socket.until("connected");
    await socket.subscribe([second, third]);
    for (const sessionId of [second, third, first]) await client.append(sessionId, { type: "a" });
    assert.deepEqual(
      (await socket.events(3)).map(({ sessionId }) => sessionId),
      [second, third, first],
    );

    socket.send({ type: "unsubscribe", sessions: [second] });
    const unsubscribed = await socket.until("unsubscribed");
    assert.deepEqual(unsubscribed.sessions, [second]);
    for (const sessionId of [second, first]) await client.append(sessionId, { type: "b" });
    assert.deepEqual(
      (await socket.events(1)).map(({ sessionId }) => sessionId),
      [first],
    );
  },

  "subscribes to all sessions with *": async (client) => {
    const socket = await client.socket(`?session=${await client.session()}`);
    await socket.until("connected");
    await socket.subscribe(["*"]);
    const other = await client.session();
    for (;;) {
      const [event] = await socket.events(1);
      if (event?.sessionId === other) break;
    }
  },

  "sends a session once to who subscribed it twice": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("connected");
    for (const scope of [sessionId, "*"]) await socket.subscribe([scope]);
    const offsets: number[] = [];
    for (let n = 0; n < 3; n += 1) await client.append(sessionId, { type: "a" });
    while (offsets.length < 3) {
      const [event] = await socket.events(1);
      if (event?.sessionId === sessionId) offsets.push(event.offset);
    }
    assert.deepEqual(offsets, [2, 3, 4]);
  },

  "sends arrays of frames with ?batch=1": async (client) => {
    const sessionId = await client.session();
    await client.appendBatch(
      sessionId,
      Array.from({ length: 30 }, (_, n) => ({ type: "a", n })),
    );
    const socket = await client.socket(`?session=${sessionId}&after=0&batch=1`);
    await socket.until("caught_up");
    await client.appendBatch(
      sessionId,
      Array.from({ length: 30 }, (_, n) => ({ type: "b", n })),
    );
    assert.equal((await socket.events(30)).length, 30);
    const parsed = socket.messages.map((text): unknown => JSON.parse(text));
    assert.ok(
      parsed.every((message) => Array.isArray(message)),
      "a message is not an array",
    );
    assert.ok(parsed.length < 40, `${parsed.length} messages for 60 events`);
  },

  "answers frames it does not know with an error and stays": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("connected");
    const frames = [
      "{",
      "7",
      "null",
      '{"type":"nonsense"}',
      '{"type":"subscribe","sessions":[]}',
      '{"type":"subscribe","sessions":["../x"]}',
    ];
    for (const frame of frames) {
      socket.send(frame);
      const error = await socket.until("error");
      assert.ok(
        ["malformed_json", "invalid_request", "invalid_content"].includes(error.code),
        error.code,
      );
      assert.ok(error.detail.length > 0);
    }
    await client.append(sessionId, { type: "still here" });
    assert.equal((await socket.events(1)).length, 1);
  },

  ...Object.fromEntries(
    ["?session=../x", "?session=a%00b", "?after=-1", "?after=x", "?nonsense=1", "?batch=2"].map(
      (query) => [
        `refuses the upgrade for ${query}`,
        async (client) => {
          parseProblem(await upgradeRefusal(client.socket(query)), "invalid_request");
        },
      ],
    ),
  ),
};
