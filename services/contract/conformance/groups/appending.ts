import { appendReceiptSchema, batchReceiptSchema, contentTypes } from "../../src/index.ts";
import { parseAs } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

const ndjson = { "content-type": contentTypes.ndjson };

export const appending: Checks = {
  "appends one action and answers with its place": async (client) => {
    const sessionId = await client.session();
    assert.deepEqual(await client.append(sessionId, { type: "a" }), {
      success: true,
      seq: 1,
      offset: 2,
    });
    assert.deepEqual(await client.append(sessionId, { type: "b" }), {
      success: true,
      seq: 2,
      offset: 3,
    });
  },

  "gives 50 concurrent appends 50 gap-free offsets": async (client) => {
    const sessionId = await client.session();
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, n) => client.append(sessionId, { type: "a", n })),
    );
    const places = receipts
      .map(({ offset, seq }) => ({ offset, seq }))
      .toSorted((a, b) => a.offset - b.offset);
    assert.deepEqual(
      places,
      Array.from({ length: 50 }, (_, n) => ({ offset: n + 2, seq: n + 1 })),
    );
    const actions = await client.ok("getActions", { params: { sessionId } });
    assert.deepEqual(
      actions.map(({ offset }) => offset),
      places.map(({ offset }) => offset),
    );
    assert.equal(new Set(actions.map(({ n }) => n)).size, 50);
  },

  "numbers actions and responses apart, in one order of offsets": async (client) => {
    const sessionId = await client.session();
    await client.append(sessionId, { type: "a" });
    const response = await client.append(sessionId, { text: "r" }, "appendResponses");
    const action = await client.append(sessionId, { type: "b" });
    assert.deepEqual([response.seq, response.offset], [1, 3]);
    assert.deepEqual([action.seq, action.offset], [2, 4]);
  },

  "takes an array as one batch": async (client) => {
    const sessionId = await client.session();
    const receipt = await client.appendBatch(sessionId, [
      { type: "a" },
      { type: "b" },
      { type: "c" },
    ]);
    assert.deepEqual(receipt, { success: true, accepted: 3, duplicates: 0, offset: 4 });
    const actions = await client.ok("getActions", { params: { sessionId } });
    assert.deepEqual(
      actions.map(({ type, offset, seq }) => [type, offset, seq]),
      [
        ["a", 2, 1],
        ["b", 3, 2],
        ["c", 4, 3],
      ],
    );
  },

  "answers an array of one like any batch": async (client) => {
    const sessionId = await client.session();
    const receipt = await client.appendBatch(sessionId, [{ type: "a" }]);
    assert.deepEqual(receipt, { success: true, accepted: 1, duplicates: 0, offset: 2 });
  },

  "takes NDJSON as one batch, with and without a last line feed": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    for (const [n, body] of [
      '{"type":"a"}\n{"type":"b"}\n',
      '{"type":"c"}\r\n{"type":"d"}',
    ].entries()) {
      const answer = await client.raw("appendActions", { params, headers: ndjson, body });
      const receipt = parseAs(batchReceiptSchema, answer.text, "the receipt");
      assert.deepEqual([receipt.accepted, receipt.offset], [2, 3 + 2 * n]);
    }
    const actions = await client.ok("getActions", { params });
    assert.deepEqual(
      actions.map(({ type }) => type),
      ["a", "b", "c", "d"],
    );
  },

  "answers one line of NDJSON like any batch": async (client) => {
    const sessionId = await client.session();
    const answer = await client.raw("appendActions", {
      params: { sessionId },
      headers: ndjson,
      body: '{"type":"a"}\n',
    });
    assert.equal(parseAs(batchReceiptSchema, answer.text, "the receipt").accepted, 1);
  },

  "keeps batches whole when they are sent at the same time": async (client) => {
    const sessionId = await client.session();
    const batch = (writer: number) =>
      Array.from({ length: 10 }, (_, n) => ({ type: "a", writer, n }));
    await Promise.all([0, 1, 2, 3].map((writer) => client.appendBatch(sessionId, batch(writer))));
    const actions = await client.ok("getActions", { params: { sessionId } });
    const order = actions.map(({ writer }) => writer);
    const expected = [0, 10, 20, 30]
      .map((start) => order[start])
      .flatMap((writer) => Array.from({ length: 10 }, () => writer));
    assert.deepEqual(order, expected);
    assert.deepEqual(
      actions.map(({ n }) => n),
      [...Array(40).keys()].map((n) => n % 10),
    );
  },

  "stamps a record without a timestamp and keeps one that was sent": async (client) => {
    const sessionId = await client.session();
    const timestamp = "2020-02-29T12:00:00.5+02:00";
    const before = Date.now();
    await client.appendBatch(sessionId, [{ type: "a" }, { type: "b", timestamp }]);
    const [stamped, kept] = await client.ok("getActions", { params: { sessionId } });
    const age = Date.parse(stamped?.timestamp ?? "") - before;
    assert.ok(Math.abs(age) < 60_000, `${stamped?.timestamp} is not now`);
    assert.equal(kept?.timestamp, timestamp);
  },

  'types a response as "response" unless it says otherwise': async (client) => {
    const sessionId = await client.session();
    await client.appendBatch(sessionId, [{ text: "a" }, { type: "summary" }], "appendResponses");
    const responses = await client.ok("getResponses", { params: { sessionId } });
    assert.deepEqual(
      responses.map(({ type }) => type),
      ["response", "summary"],
    );
  },

  "has a record to read as soon as it is acknowledged": async (client) => {
    const sessionId = await client.session();
    for (let n = 0; n < 20; n += 1) {
      const { offset } = await client.append(sessionId, { type: "a", n });
      const actions = await client.ok("getActions", { params: { sessionId }, query: { tail: 1 } });
      assert.deepEqual([actions[0]?.offset, actions[0]?.["n"]], [offset, n]);
    }
  },

  "stores a record once by its id and answers with the first offset": async (client) => {
    const sessionId = await client.session();
    const record = { type: "a", id: "0190-first" };
    await client.append(sessionId, record);
    await client.append(sessionId, { type: "b" });
    const again = await client.append(sessionId, { ...record, type: "changed" });
    assert.deepEqual([again.offset, again.duplicate], [2, true]);
    const actions = await client.ok("getActions", { params: { sessionId } });
    assert.deepEqual(
      actions.map(({ type, id }) => [type, id]),
      [
        ["a", "0190-first"],
        ["b", undefined],
      ],
    );
  },

  "recognises ids within a batch and across batches": async (client) => {
    const sessionId = await client.session();
    const [a, b, c] = ["a", "b", "c"].map((id) => ({ type: "t", id }));
    assert.deepEqual(await client.appendBatch(sessionId, [a, b, a]), {
      success: true,
      accepted: 2,
      duplicates: 1,
      offset: 3,
    });
    assert.deepEqual(await client.appendBatch(sessionId, [b, c, a]), {
      success: true,
      accepted: 1,
      duplicates: 2,
      offset: 4,
    });
    assert.deepEqual(await client.appendBatch(sessionId, [a, b, c]), {
      success: true,
      accepted: 0,
      duplicates: 3,
      offset: 4,
    });
    const actions = await client.ok("getActions", { params: { sessionId } });
    assert.deepEqual(
      actions.map(({ id }) => id),
      ["a", "b", "c"],
    );
  },

  "stores one record when 20 bring the same id at the same time": async (client) => {
    const sessionId = await client.session();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.raw("appendActions", { params: { sessionId }, body: { type: "a", id: "same", n } }),
      ),
    );
    const receipts = answers.map(({ text }) => parseAs(appendReceiptSchema, text, "the receipt"));
    assert.deepEqual(new Set(receipts.map(({ offset }) => offset)), new Set([2]));
    assert.equal(receipts.filter(({ duplicate }) => duplicate === undefined).length, 1);
    assert.equal((await client.ok("getActions", { params: { sessionId } })).length, 1);
  },

  "keeps ids of different sessions apart": async (client) => {
    for (const sessionId of [await client.session(), await client.session()]) {
      const receipt = await client.append(sessionId, { type: "a", id: "shared" });
      assert.equal(receipt.duplicate, undefined);
    }
  },

  "refuses to append to an unknown session": async (client) => {
    const params = { sessionId: client.newId() };
    await client.refused("appendActions", "session_not_found", { params, body: { type: "a" } });
    await client.refused("appendResponses", "session_not_found", { params, body: { text: "a" } });
    await client.refused("getState", "session_not_found", { params });
  },
};
