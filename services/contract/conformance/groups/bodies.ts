import { contentTypes } from "../../src/index.ts";
import { parseProblem } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

const ndjson = { "content-type": contentTypes.ndjson };
const malformed = [
  "{",
  "",
  "{type:1}",
  '{"type":"a"',
  '{"type":"a"}}',
  "'a'",
  "NaN",
  '{"type":"a",}',
  "\ufeff",
];

export const bodies: Checks = {
  ...Object.fromEntries(
    malformed.map((body) => [
      `refuses ${JSON.stringify(body)} as malformed JSON, without a stack`,
      async (client) => {
        const sessionId = await client.session();
        const call = { params: { sessionId }, body };
        await client.refused("appendActions", "malformed_json", call);
        await client.refused("patchState", "malformed_json", call);
        await client.refused("createSession", "malformed_json", { body });
      },
    ]),
  ),

  "refuses bytes that are not UTF-8": async (client) => {
    const sessionId = await client.session();
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"type":"a'),
      0xc3,
      0x28,
      0x22,
      0x7d,
    ]);
    await client.refused("appendActions", "malformed_json", { params: { sessionId }, body: bytes });
    await client.refused("appendActions", "malformed_json", {
      params: { sessionId },
      headers: ndjson,
      body: bytes,
    });
    assert.deepEqual(await client.ok("getActions", { params: { sessionId } }), []);
  },

  "stores nothing of NDJSON with a malformed third line, and names the line": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const body = '{"type":"a"}\n{"type":"b"}\n{"type":\n{"type":"d"}\n';
    const problem = await client.refused("appendActions", "malformed_json", {
      params,
      headers: ndjson,
      body,
    });
    assert.equal(problem.errors?.[0]?.field, "/2");
    assert.deepEqual(await client.ok("getActions", { params }), []);
  },

  "stores nothing of a batch with a third record without type, and names it": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const records = [{ type: "a" }, { type: "b" }, { tool: "x" }, { type: "d" }];
    const lines = records.map((record) => JSON.stringify(record)).join("\n");
    for (const call of [{ body: records }, { headers: ndjson, body: lines }]) {
      const problem = await client.refused("appendActions", "invalid_content", { params, ...call });
      assert.deepEqual(
        problem.errors?.map(({ field }) => field),
        ["/2/type"],
      );
    }
    assert.deepEqual(await client.ok("getActions", { params }), []);
    assert.equal((await client.ok("getSession", { params })).metadata?.offset, 1);
  },

  ...Object.fromEntries(
    [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/xml",
      "application/jsonx",
    ].map((type) => [
      `refuses a body of ${type}`,
      async (client) => {
        const sessionId = await client.session();
        const call = {
          params: { sessionId },
          headers: { "content-type": type },
          body: '{"type":"a"}',
        };
        await client.refused("appendActions", "unsupported_media_type", call);
        await client.refused("patchState", "unsupported_media_type", call);
        await client.refused("createSession", "unsupported_media_type", { ...call, body: "{}" });
      },
    ]),
  ),

  "refuses a body without a content type": async (client) => {
    const sessionId = await client.session();
    const path = `/api/actions/${sessionId}`;
    const answer = await client.send({ method: "POST", path, body: '{"type":"a"}' });
    parseProblem(answer, "unsupported_media_type", "appendActions");
  },

  "refuses NDJSON and merge patches where there are none": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    const mergePatch = { "content-type": contentTypes.mergePatch };
    await client.refused("patchState", "unsupported_media_type", {
      params,
      headers: ndjson,
      body: "{}",
    });
    await client.refused("addGoal", "unsupported_media_type", {
      params,
      headers: ndjson,
      body: "{}",
    });
    await client.refused("appendActions", "unsupported_media_type", {
      params,
      headers: mergePatch,
      body: '{"type":"a"}',
    });
  },

  "takes a content type in any case and with charset=utf-8": async (client) => {
    const sessionId = await client.session();
    for (const type of [
      "application/json; charset=utf-8",
      "Application/JSON",
      'application/json;charset="UTF-8"',
    ]) {
      await client.ok("appendActions", {
        params: { sessionId },
        headers: { "content-type": type },
        body: '{"type":"a"}',
      });
    }
  },

  "refuses a query parameter that a route does not have": async (client) => {
    const sessionId = await client.session();
    for (const name of ["getActions", "getEvents", "getSession"] as const) {
      const problem = await client.refused(name, "invalid_request", {
        params: { sessionId },
        query: { nonsense: 1 },
      });
      assert.match(problem.errors?.[0]?.field ?? "", /^\?/);
    }
  },
};
