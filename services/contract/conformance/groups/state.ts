import { contentTypes, forbiddenPatchKeys, limits, managedStateMembers } from "../../src/index.ts";
import { parseProblem } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

const mergePatch = { "content-type": contentTypes.mergePatch };

/** RFC 7396, appendix A, as far as a state, which is an object, can show it. */
const mergeTable: readonly [original: object, patch: object, result: object][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

export const state: Checks = {
  "starts with an empty state of version 0": async (client) => {
    const sessionId = await client.session();
    const answer = await client.raw("getState", { params: { sessionId } });
    assert.equal(answer.headers["etag"], '"0"');
    assert.deepEqual(JSON.parse(answer.text), {
      sessionId,
      version: 0,
      phase: null,
      currentStep: null,
      workspace: null,
      goals: [],
      agents: [],
    });
  },

  "answers a patch with the new state, its version one higher, and the ETag": async (client) => {
    const sessionId = await client.session();
    const body = {
      phase: "execution",
      currentStep: 3,
      workspace: { dir: "/w" },
      custom: { a: [1] },
    };
    for (const version of [1, 2, 3]) {
      const answer = await client.raw("patchState", { params: { sessionId }, body });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers["etag"], `"${version}"`);
    }
    const after = await client.ok("getState", { params: { sessionId } });
    assert.equal(after.version, 3);
    assert.deepEqual({ ...after, ...body }, after);
  },

  "merges application/json deeply: null is stored, arrays are replaced": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("patchState", {
      params,
      body: { a: { x: 1, y: { p: 1 } }, list: [1, 2], n: 1 },
    });
    await client.ok("patchState", { params, body: { a: { y: { q: 2 } }, list: [3], n: null } });
    const { a, list, n } = await client.ok("getState", { params });
    assert.deepEqual({ a, list, n }, { a: { x: 1, y: { p: 1, q: 2 } }, list: [3], n: null });
  },

  ...Object.fromEntries(
    mergeTable.map(([original, patch, result]) => [
      `merges ${JSON.stringify(patch)} into ${JSON.stringify(original)} as RFC 7396 says`,
      async (client) => {
        const params = { sessionId: await client.session() };
        await client.ok("patchState", { params, body: { at: original } });
        await client.ok("patchState", { params, headers: mergePatch, body: { at: patch } });
        assert.deepEqual((await client.ok("getState", { params }))["at"], result);
      },
    ]),
  ),

  "deletes a member at the top with a merge patch": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("patchState", { params, body: { phase: "p", custom: 1 } });
    const patched = await client.ok("patchState", {
      params,
      headers: mergePatch,
      body: { phase: null, custom: null },
    });
    assert.equal(patched.phase, null);
    assert.ok(!("custom" in patched));
  },

  "honours If-Match and tells the current version when it is another": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("patchState", { params, headers: { "if-match": '"0"' }, body: { n: 1 } });
    const problem = await client.refused("patchState", "version_mismatch", {
      params,
      headers: { "if-match": '"0"' },
      body: { n: 2 },
    });
    assert.equal(problem["version"], 1);
    await client.ok("patchState", { params, headers: { "if-match": "*" }, body: { m: 1 } });
    const { n, m, version } = await client.ok("getState", { params });
    assert.deepEqual({ n, m, version }, { n: 1, m: 1, version: 2 });
  },

  "lets one of 10 writers with the same If-Match win": async (client) => {
    const params = { sessionId: await client.session() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        client.raw("patchState", {
          params,
          headers: { "if-match": '"0"' },
          body: { [`n${n}`]: 1 },
        }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      assert.equal(parseProblem(answer, "version_mismatch", "patchState")["version"], 1);
    }
  },

  "loses none of 20 concurrent patches": async (client) => {
    const params = { sessionId: await client.session() };
    const states = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.ok("patchState", { params, body: { at: { [`n${n}`]: n } } }),
      ),
    );
    assert.equal(new Set(states.map(({ version }) => version)).size, 20);
    const after = await client.ok("getState", { params });
    assert.equal(after.version, 20);
    assert.equal(Object.keys(after["at"] as object).length, 20);
  },

  ...Object.fromEntries(
    forbiddenPatchKeys.map((key) => [
      `refuses ${key} as a key at any depth of a patch`,
      async (client) => {
        const params = { sessionId: await client.session() };
        const bodies = [
          [`{"${key}":{"polluted":true}}`, `/${key}`],
          [`{"a":{"b":[{"${key}":1}]}}`, `/a/b/0/${key}`],
        ];
        for (const [body = "", field = ""] of bodies) {
          for (const headers of [{}, mergePatch]) {
            const problem = await client.refused("patchState", "invalid_content", {
              params,
              headers,
              body,
            });
            assert.equal(problem.errors?.[0]?.field, field);
          }
        }
        assert.equal((await client.ok("getState", { params })).version, 0);
      },
    ]),
  ),

  ...Object.fromEntries(
    managedStateMembers.map((member) => [
      `refuses a patch that names ${member}`,
      async (client) => {
        const params = { sessionId: await client.session() };
        for (const value of [[], null, 1]) {
          const problem = await client.refused("patchState", "invalid_content", {
            params,
            body: { [member]: value },
          });
          assert.equal(problem.errors?.[0]?.field, `/${member}`);
        }
      },
    ]),
  ),

  "refuses a patch that is no object": async (client) => {
    const params = { sessionId: await client.session() };
    for (const body of ["[]", "null", "1", '"text"']) {
      await client.refused("patchState", "invalid_content", { params, body });
      await client.refused("patchState", "invalid_content", { params, headers: mergePatch, body });
    }
  },

  "refuses a state that would grow over the limit, naming it": async (client) => {
    const params = { sessionId: await client.session() };
    const text = "x".repeat(900_000);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const answer = await client.raw("patchState", { params, body: { [`n${n}`]: text } });
      statuses.push(answer.status);
      if (answer.status === 200) continue;
      const { detail } = parseProblem(answer, "payload_too_large", "patchState");
      assert.ok(detail.includes(String(limits.stateBytes)), detail);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 413]);
    await client.ok("patchState", { params, headers: mergePatch, body: { n0: null } });
  },

  "reopens a finalized session with ?reopen=true": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("finalizeSession", { params, body: {} });
    await client.ok("patchState", { params, query: { reopen: "true" }, body: { phase: "again" } });
    const view = await client.ok("getSession", { params });
    assert.deepEqual([view.metadata?.status, view.state?.phase], ["active", "again"]);
  },
};
