import { limits } from "../../src/index.ts";
import { parseProblem } from "../answer.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** JSON texts of a record's `details`; what is read back must mean exactly the same. */
const kept: readonly [what: string, details: string][] = [
  ["text outside ASCII", '{"a":"Größe 漢字 \u{1f600} é é"}'],
  ["escaped characters", String.raw`{"a":"\u0000\u001f\u2028\u2029\"\\\/\n\ud83d\ude00"}`],
  ["an escaped lone surrogate", String.raw`{"a":"\ud800"}`],
  ["line feeds inside text", String.raw`{"a":"one\ntwo\r\nthree"}`],
  [
    "members called __proto__, constructor and prototype",
    '{"__proto__":{"x":1},"constructor":"c","prototype":null}',
  ],
  [
    "members called like the service's own, below the top",
    '{"offset":"x","seq":{},"_c":1,"id":2,"type":3}',
  ],
  ["an empty key and keys of digits in their order", '{"":1,"b":2,"2":3,"1":4}'],
  ["null, booleans and empty things", '{"a":null,"b":true,"c":false,"d":{},"e":[],"f":""}'],
  [
    "numbers that a double holds",
    '{"a":0.1,"b":9007199254740991,"c":-9007199254740991,"d":1e300,"e":5e-324,"f":-1.5E+2}',
  ],
  // JavaScript prints a double with as few digits as name it, here not the last one of its integer.
  ["a large integer as JavaScript prints it", '{"a":39576136652091690,"b":-1.5e300}'],
  [
    "text that looks like the end of a line of the store",
    String.raw`{"a":"\",\"_c\":\"00000000\"}"}`,
  ],
];

const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;
const keyed = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join()}}`;
const post = (client: Client, sessionId: string, body: string | Uint8Array) =>
  client.raw("appendActions", { params: { sessionId }, body });

const lost: readonly [what: string, record: string, field: string][] = [
  ["a number that overflows", '{"type":"a","details":{"n":1e400}}', "/details/n"],
  [
    "an integer with more digits than a double keeps",
    '{"type":"a","n":12345678901234567890}',
    "/n",
  ],
  ["a number too small for a double", '{"type":"a","list":[0,1e-400]}', "/list/1"],
];

export const values: Checks = {
  ...Object.fromEntries(
    kept.map(([what, details]) => [
      `keeps ${what}`,
      async (client) => {
        const sessionId = await client.session();
        const answer = await post(client, sessionId, `{"type":"a","details":${details}}`);
        assert.equal(answer.status, 200, answer.text);
        const [action] = await client.ok("getActions", { params: { sessionId } });
        assert.equal(JSON.stringify(action?.["details"]), JSON.stringify(JSON.parse(details)));
      },
    ]),
  ),

  "keeps members besides the known ones at the top of a record": async (client) => {
    const sessionId = await client.session();
    const record = {
      type: "a",
      tool: "Bash",
      input: { command: "ls" },
      ok: true,
      ms: 1.25,
      none: null,
    };
    await client.append(sessionId, record);
    const [action] = await client.ok("getActions", { params: { sessionId } });
    const { offset, seq, timestamp, ...members } = action ?? {};
    assert.deepEqual(members, record);
    assert.deepEqual([offset, seq, typeof timestamp], [2, 1, "string"]);
  },

  ...Object.fromEntries(
    lost.map(([what, record, field]) => [
      `refuses ${what}, which would not survive, and names it`,
      async (client) => {
        const sessionId = await client.session();
        const problem = parseProblem(await post(client, sessionId, record), "invalid_content");
        assert.equal(problem.errors?.[0]?.field, field);
        assert.deepEqual(await client.ok("getActions", { params: { sessionId } }), []);
      },
    ]),
  ),

  ...Object.fromEntries(
    ["offset", "seq", "_c", "_p"].map((member) => [
      `refuses a record that brings its own ${member}`,
      async (client) => {
        const sessionId = await client.session();
        const problem = await client.refused("appendActions", "invalid_content", {
          params: { sessionId },
          body: { type: "a", [member]: 1 },
        });
        assert.equal(problem.errors?.[0]?.field, `/${member}`);
      },
    ]),
  ),

  ...Object.fromEntries(
    (
      [
        ["no type", {}, "/type"],
        ["an empty type", { type: "" }, "/type"],
        ["a type that is no text", { type: 7 }, "/type"],
        ["a type that is too long", { type: "x".repeat(limits.typeLength + 1) }, "/type"],
        ["a timestamp that is none", { type: "a", timestamp: "yesterday" }, "/timestamp"],
        ["an id with a space", { type: "a", id: "a b" }, "/id"],
        ["an id that is too long", { type: "a", id: "x".repeat(129) }, "/id"],
        ["an id that is no text", { type: "a", id: 7 }, "/id"],
      ] as const
    ).map(([what, body, field]) => [
      `refuses an action with ${what} and names it`,
      async (client: Client) => {
        const sessionId = await client.session();
        const problem = await client.refused("appendActions", "invalid_content", {
          params: { sessionId },
          body,
        });
        assert.equal(problem.errors?.[0]?.field, field);
        assert.ok((problem.errors?.[0]?.message ?? "").length > 0);
      },
    ]),
  ),

  "refuses what is no record: null, a number, a text": async (client) => {
    const sessionId = await client.session();
    for (const body of ["null", "7", '"text"', "[null]", "[[]]"]) {
      parseProblem(await post(client, sessionId, body), "invalid_content");
    }
  },

  "takes nesting as deep as the limit and refuses one more, naming it": async (client) => {
    const sessionId = await client.session();
    // The record itself is the first level.
    const deepest = `{"type":"a","details":${nested(limits.depth - 1)}}`;
    assert.equal((await post(client, sessionId, deepest)).status, 200);
    const deeper = `{"type":"a","details":${nested(limits.depth)}}`;
    const problem = parseProblem(await post(client, sessionId, deeper), "invalid_content");
    assert.match(problem.detail, new RegExp(`\\b${limits.depth}\\b`));
  },

  "refuses nesting that no parser should follow": async (client) => {
    const sessionId = await client.session();
    for (const body of [
      "[".repeat(200_000),
      `{"type":"a","d":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ]) {
      const answer = await post(client, sessionId, body);
      assert.ok([400, 422].includes(answer.status), `${answer.status} ${answer.text}`);
    }
    await client.append(sessionId, { type: "still here" });
  },

  "refuses more keys than the limit, naming it": async (client) => {
    const sessionId = await client.session();
    const body = `{"type":"a","details":${keyed(limits.keys + 1)}}`;
    const problem = parseProblem(await post(client, sessionId, body), "invalid_content");
    assert.match(problem.detail.replaceAll(/[,_ ](?=\d{3})/g, ""), new RegExp(String(limits.keys)));
  },

  ...sizes(),
};

function sizes(): Checks {
  const named = (bytes: number, detail: string) => {
    assert.ok(
      detail.replaceAll(/[,_](?=\d{3})/g, "").includes(String(bytes)),
      `${bytes} is not named: ${detail}`,
    );
  };
  const recordOf = (bytes: number) => {
    const empty = '{"type":"a","text":""}'.length;
    return `{"type":"a","text":"${"x".repeat(bytes - empty)}"}`;
  };
  return {
    "takes a record of exactly the largest size": async (client) => {
      const sessionId = await client.session();
      const answer = await post(client, sessionId, recordOf(limits.recordBytes));
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
    },
    "refuses a record over the limit, naming it": async (client) => {
      const sessionId = await client.session();
      const answer = await post(client, sessionId, recordOf(limits.recordBytes + 1));
      named(limits.recordBytes, parseProblem(answer, "payload_too_large").detail);
      await client.append(sessionId, { type: "next" });
    },
    "refuses a batch with one record over the limit, and stores none of it": async (client) => {
      const sessionId = await client.session();
      const body = `[{"type":"a"},${recordOf(limits.recordBytes + 1)}]`;
      named(
        limits.recordBytes,
        parseProblem(await post(client, sessionId, body), "payload_too_large").detail,
      );
      assert.deepEqual(await client.ok("getActions", { params: { sessionId } }), []);
    },
    "takes a batch larger than one record may be": async (client) => {
      const sessionId = await client.session();
      const body = `[${Array.from({ length: 3 }, () => recordOf(limits.recordBytes)).join()}]`;
      const answer = await post(client, sessionId, body);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
    },
    "refuses a batch over the limit, naming it": async (client) => {
      const sessionId = await client.session();
      const body = `[${Array.from({ length: 5 }, () => recordOf(900_000)).join()}]`;
      named(
        limits.batchBytes,
        parseProblem(await post(client, sessionId, body), "payload_too_large").detail,
      );
    },
    "refuses more records in a batch than the limit, naming it": async (client) => {
      const sessionId = await client.session();
      const body = `[${Array.from({ length: limits.batchRecords + 1 }, () => '{"type":"a"}').join()}]`;
      const answer = await post(client, sessionId, body);
      named(limits.batchRecords, parseProblem(answer, "payload_too_large").detail);
    },
  };
}
