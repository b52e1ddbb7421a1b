import { contentTypes, recordSchema } from "../../src/index.ts";
import { contentTypeOf, parseAs } from "../answer.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** 120 actions with `n` from 0, offsets from 2, every third of type "third". */
async function filled(client: Client) {
  const sessionId = await client.session();
  const records = Array.from({ length: 120 }, (_, n) => ({
    type: n % 3 === 0 ? "third" : "other",
    n,
  }));
  await client.appendBatch(sessionId, records);
  return { sessionId };
}

const read: readonly [query: string, expected: readonly number[]][] = [
  ["tail=0", []],
  ["tail=1", [119]],
  ["tail=3", [117, 118, 119]],
  ["after=0&limit=2", [0, 1]],
  ["after=1&limit=2", [0, 1]],
  ["after=2&limit=2", [1, 2]],
  ["after=119", [118, 119]],
  ["after=121", []],
  ["after=100000", []],
  ["limit=2", [0, 1]],
  ["type=third&after=0&limit=3", [0, 3, 6]],
  ["type=third&tail=2", [114, 117]],
  ["type=none", []],
];

export const readingLogs: Checks = {
  ...Object.fromEntries(
    read.map(([query, expected]) => [
      `reads ?${query}`,
      async (client) => {
        const actions = await client.ok("getActions", { params: await filled(client), query });
        assert.deepEqual(
          actions.map(({ n }) => n),
          expected,
        );
      },
    ]),
  ),

  "reads the last 100, oldest first, when nothing else is asked for": async (client) => {
    const actions = await client.ok("getActions", { params: await filled(client) });
    assert.deepEqual(
      actions.map(({ n }) => n),
      Array.from({ length: 100 }, (_, n) => n + 20),
    );
  },

  "reads everything with ?after=0": async (client) => {
    const actions = await client.ok("getActions", {
      params: await filled(client),
      query: "after=0",
    });
    assert.deepEqual(
      actions.map(({ seq }) => seq),
      Array.from({ length: 120 }, (_, n) => n + 1),
    );
  },

  "streams a log as NDJSON": async (client) => {
    const answer = await client.raw("getActions", {
      params: await filled(client),
      query: "after=0",
      headers: { accept: contentTypes.ndjson },
    });
    assert.equal(contentTypeOf(answer), contentTypes.ndjson);
    assert.ok(answer.text.endsWith("\n"));
    const records = answer.text
      .split("\n")
      .slice(0, -1)
      .map((line) => parseAs(recordSchema, line, "a line"));
    assert.deepEqual(
      records.map(({ n }) => n),
      [...Array(120).keys()],
    );
  },

  "answers an empty log as an empty array and as no lines": async (client) => {
    const params = { sessionId: await client.session() };
    assert.deepEqual(await client.ok("getResponses", { params }), []);
    const headers = { accept: contentTypes.ndjson };
    const answer = await client.raw("getResponses", { params, headers });
    assert.deepEqual(
      [answer.status, contentTypeOf(answer), answer.text],
      [200, contentTypes.ndjson, ""],
    );
  },

  "shows nothing of how a line is stored": async (client) => {
    const params = { sessionId: await client.session() };
    await client.append(params.sessionId, { type: "a", id: "x" });
    const [action] = await client.ok("getActions", { params });
    assert.deepEqual(Object.keys(action ?? {}).toSorted(), [
      "id",
      "offset",
      "seq",
      "timestamp",
      "type",
    ]);
  },

  ...Object.fromEntries(
    [
      "tail=-1",
      "tail=x",
      "tail=10001",
      "limit=0",
      "limit=10001",
      "after=-1",
      "after=1.5",
      "after=2020-01-01",
    ].map((query) => [
      `refuses to read ?${query} and names the parameter`,
      async (client) => {
        const params = { sessionId: await client.session() };
        const problem = await client.refused("getActions", "invalid_request", { params, query });
        assert.equal(problem.errors?.[0]?.field, `?${query.split("=")[0]}`);
      },
    ]),
  ),

  "refuses to read logs of an unknown session": async (client) => {
    const params = { sessionId: client.newId() };
    for (const name of ["getActions", "getResponses", "getEvents", "getSession"] as const) {
      await client.refused(name, "session_not_found", { params });
    }
  },
};
