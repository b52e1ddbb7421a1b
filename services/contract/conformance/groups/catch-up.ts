import { type WireEvent, closeCodes } from "../../src/index.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import type { Socket } from "../socket.ts";

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
const offsetsOf = (events: readonly WireEvent[]) => events.map(({ offset }) => offset);

/** Appends `count` actions from each of `writers` at the same time. */
const write = (client: Client, sessionId: string, writers: number, count: number) =>
  Promise.all(
    range(1, writers).map(async (writer) => {
      for (let n = 0; n < count; n += 1) await client.append(sessionId, { type: "a", writer, n });
    }),
  );

/** Everything a socket got of one session up to an offset, and the control frames between. */
async function collect(socket: Socket, sessionId: string, upTo: number) {
  const events: WireEvent[] = [];
  const controls: string[] = [];
  while (events.at(-1)?.offset !== upTo || !controls.includes("caught_up")) {
    const frame = await socket.next();
    if (!("offset" in frame)) controls.push(frame.type);
    else if (frame.sessionId === sessionId) events.push(frame);
  }
  return { events, controls };
}

export const catchUp: Checks = {
  "sends everything after an offset once and in order, then says caught_up": async (client) => {
    const sessionId = await client.session();
    await client.appendBatch(
      sessionId,
      range(1, 300).map((n) => ({ type: "a", n })),
    );
    const socket = await client.socket(`?session=${sessionId}&after=100`);
    const events = await socket.events(201);
    assert.deepEqual(offsetsOf(events), range(101, 301));
    const caughtUp = await socket.until("caught_up");
    assert.deepEqual([caughtUp.scope, caughtUp.cursor], [sessionId, 301]);
    await client.append(sessionId, { type: "live" });
    assert.deepEqual(offsetsOf(await socket.events(1)), [302]);
  },

  "says caught_up at once when there is nothing to catch up": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}&after=1`);
    assert.equal((await socket.until("caught_up")).cursor, 1);
    await client.append(sessionId, { type: "live" });
    assert.deepEqual(offsetsOf(await socket.events(1)), [2]);
  },

  "loses and doubles nothing when it catches up while 8 writers write": async (client) => {
    const sessionId = await client.session();
    await client.appendBatch(
      sessionId,
      range(1, 500).map((n) => ({ type: "a", n })),
    );
    const last = 501 + 8 * 60;
    const writing = client.alongside(write(client, sessionId, 8, 60));
    const sockets = [];
    for (const after of [0, 250, 501, 0, 400]) {
      const socket = await client.socket(`?session=${sessionId}&after=${after}`);
      sockets.push({ after, collected: client.alongside(collect(socket, sessionId, last)) });
    }
    await writing;
    for (const { after, collected } of sockets) {
      const { events, controls } = await collected;
      assert.deepEqual(offsetsOf(events), range(after + 1, last));
      const told = controls.filter((type) => type !== "subscribed");
      assert.deepEqual(told, ["connected", "caught_up"]);
    }
  },

  "loses and doubles nothing on the feed of all sessions while writers write": async (client) => {
    const sessions = [await client.session(), await client.session(), await client.session()];
    const first = await client.socket(`?session=${sessions[0]}`);
    const { position } = await first.until("connected");
    const writing = client.alongside(
      Promise.all(sessions.map((sessionId) => write(client, sessionId, 3, 40))),
    );
    await client.append(sessions[0] ?? "", { type: "a" });
    const socket = await client.socket(`?after=${position}`);
    await writing;

    const seen = new Map<string, number[]>(sessions.map((sessionId) => [sessionId, []]));
    let lastPosition = position;
    let caughtUps = 0;
    while ([...seen.values()].reduce((sum, { length }) => sum + length, 0) < 3 * 120 + 1) {
      const frame = await socket.next();
      if (frame.type === "caught_up") caughtUps += 1;
      if (!("offset" in frame)) continue;
      assert.ok(frame.position > lastPosition, `position ${frame.position} after ${lastPosition}`);
      lastPosition = frame.position;
      seen.get(frame.sessionId)?.push(frame.offset);
    }
    assert.ok(caughtUps <= 1);
    for (const [index, sessionId] of sessions.entries()) {
      assert.deepEqual(seen.get(sessionId), range(2, index === 0 ? 122 : 121));
    }
  },

  "goes on where it broke off, over many reconnections": async (client) => {
    const sessionId = await client.session();
    const last = 1 + 4 * 50;
    const writing = client.alongside(write(client, sessionId, 4, 50));
    const seen: number[] = [];
    while (seen.at(-1) !== last) {
      const socket = await client.socket(`?session=${sessionId}&after=${seen.at(-1) ?? 0}`);
      const some = Math.min(37, last - (seen.at(-1) ?? 0));
      seen.push(...offsetsOf(await socket.events(some)));
      socket.terminate();
    }
    await writing;
    assert.deepEqual(seen, range(1, last));
  },

  "catches up each session of a subscription from its own offset": async (client) => {
    const [first, second] = [await client.session(), await client.session()];
    for (const sessionId of [first, second]) {
      await client.appendBatch(
        sessionId,
        range(1, 20).map((n) => ({ type: "a", n })),
      );
    }
    const socket = await client.socket(`?session=${await client.session()}`);
    await socket.until("connected");
    socket.send({
      type: "subscribe",
      sessions: [first, second],
      after: { [first]: 0, [second]: 15 },
    });
    const events = await socket.events(21 + 6);
    const of = (wanted: string) =>
      offsetsOf(events.filter(({ sessionId }) => sessionId === wanted));
    assert.deepEqual(of(first), range(1, 21));
    assert.deepEqual(of(second), range(16, 21));
  },

  "tells a gap for a cursor that it does not know, and goes on": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}&after=1000`);
    const gap = await socket.until("gap");
    assert.deepEqual([gap.scope, gap.reason], [sessionId, "unknown_cursor"]);
    await client.append(sessionId, { type: "live" });
    assert.deepEqual(offsetsOf(await socket.events(1)), [2]);
  },

  "closes a subscriber that does not read, which then goes on without loss": async (client) => {
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("connected");
    socket.pause();
    // What the kernel holds for a socket comes on top of what the service may keep.
    const text = "x".repeat(500_000);
    for (let n = 0; n < 60; n += 1) await client.append(sessionId, { type: "a", text });
    socket.resume();
    const { code } = await socket.closed;
    // One that stays away for long may be cut off before the close frame can reach it.
    assert.ok([closeCodes.tryAgainLater, 1006].includes(code), `closed with ${code}`);

    const again = await client.socket(`?session=${sessionId}&after=0`);
    assert.deepEqual(offsetsOf(await again.events(61)), range(1, 61));
  },
};
