import { contentTypes, limits } from "../../src/index.ts";
import type { Client } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

type Entry = Record<string, unknown>;

/** A project of its own for each case, so that listings show only what is the case's. */
export function openTranscripts(client: Client) {
  const projectKey = client.newId("p");
  const params = (sessionId: string) => ({ projectKey, sessionId });
  const at = (subpath?: string) => (subpath === undefined ? {} : { subpath });
  return {
    projectKey,
    params,
    append: (sessionId: string, entries: readonly Entry[], subpath?: string, key?: string) =>
      client.ok("appendEntries", {
        params: params(sessionId),
        query: at(subpath),
        body: entries,
        ...(key !== undefined && { headers: { "idempotency-key": key } }),
      }),
    async load(sessionId: string, subpath?: string, more: Record<string, number> = {}) {
      const call = { params: params(sessionId), query: { ...at(subpath), ...more } };
      const { status, text } = await client.raw("getEntries", call);
      if (status === 404) return null;
      assert.equal(status, 200, text);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Entry);
    },
    subkeys: async (sessionId: string) =>
      (await client.ok("listSubkeys", { params: params(sessionId) })).subkeys,
    sessions: async () =>
      (await client.ok("listStoreSessions", { params: { projectKey } })).sessions,
    summaries: async () => (await client.ok("listSummaries", { params: { projectKey } })).summaries,
  };
}

const lines = (count: number, from = 0): Entry[] =>
  Array.from({ length: count }, (_, n) => ({ type: "user", uuid: `u-${from + n}`, n: from + n }));

export const store: Checks = {
  "gives entries back as they were, in order": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    const entries = [
      {
        type: "user",
        uuid: "a",
        message: { content: "ä \u2028 \u0000 😀" },
        deep: [[{ x: null }]],
      },
      { b: 1, a: 2, seq: 9, offset: 7, _c: "x", entry: { entry: 1 } },
      { type: "last", "": "", list: [] },
    ];
    const receipt = await transcripts.append(sessionId, entries);
    assert.deepEqual([receipt.accepted, receipt.duplicates, receipt.seq], [3, 0, 3]);
    assert.deepEqual(await transcripts.load(sessionId), entries);
  },

  "makes the session when it is not there, and says with what to write": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    const first = await transcripts.append(sessionId, lines(1));
    assert.ok(first.writeToken);
    const second = await transcripts.append(sessionId, lines(1, 1));
    assert.equal(second.writeToken, undefined);
    const { metadata } = await client.ok("getSession", { params: { sessionId } });
    assert.equal(metadata?.offset, 3);
  },

  "keeps batches in call order, and 20 concurrent ones whole": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, lines(2));
    await transcripts.append(sessionId, lines(2, 2));
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => transcripts.append(sessionId, lines(5, 100 + 5 * n))),
    );
    const loaded = (await transcripts.load(sessionId)) ?? [];
    const numbers = loaded.map(({ n }) => Number(n));
    assert.deepEqual(numbers.slice(0, 4), [0, 1, 2, 3]);
    assert.equal(numbers.length, 104);
    for (let at = 4; at < 104; at += 5)
      assert.deepEqual(
        numbers.slice(at, at + 5),
        Array.from({ length: 5 }, (_, n) => (numbers[at] ?? 0) + n),
      );
  },

  "stores an entry with a uuid once, also from concurrent batches": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await Promise.all(Array.from({ length: 8 }, () => transcripts.append(sessionId, lines(50))));
    const again = await transcripts.append(sessionId, [...lines(50), ...lines(1, 50)]);
    assert.deepEqual([again.accepted, again.duplicates, again.seq], [1, 50, 51]);
    assert.deepEqual(await transcripts.load(sessionId), lines(51));
    const twice = await transcripts.append(sessionId, [...lines(1, 60), ...lines(1, 60)]);
    assert.deepEqual([twice.accepted, twice.duplicates], [1, 1]);
  },

  "stores a uuid in each transcript of its own": async (client) => {
    const transcripts = openTranscripts(client);
    const [one, two] = [client.newId(), client.newId()];
    await transcripts.append(one, lines(1));
    await transcripts.append(one, lines(1), "subagents/agent-1");
    await transcripts.append(two, lines(1));
    assert.deepEqual(await transcripts.load(one, "subagents/agent-1"), lines(1));
    assert.deepEqual(await transcripts.load(two), lines(1));
  },

  "stores entries without a uuid as often as they are sent, but once for each key": async (
    client,
  ) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    const modes = [{ type: "mode" }, { type: "mode" }];
    await transcripts.append(sessionId, modes);
    await transcripts.append(sessionId, modes, undefined, "batch-1");
    const again = await transcripts.append(sessionId, modes, undefined, "batch-1");
    assert.deepEqual([again.accepted, again.duplicates, again.seq], [0, 2, 4]);
    await transcripts.append(sessionId, modes, undefined, "batch-2");
    assert.equal((await transcripts.load(sessionId))?.length, 6);
  },

  "writes nothing for an empty batch": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = await client.session();
    const params = transcripts.params(sessionId);
    const { accepted, seq } = await client.ok("appendEntries", { params, body: [] });
    assert.deepEqual([accepted, seq], [0, 0]);
    assert.equal(await transcripts.load(sessionId), null);
  },

  "says what is not there": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, lines(1));
    const params = transcripts.params(sessionId);
    await client.refused("getEntries", "transcript_not_found", {
      params,
      query: { subpath: "subagents/agent-1" },
    });
    await client.refused("getEntries", "transcript_not_found", {
      params: { ...params, projectKey: "other" },
    });
    await client.refused("getEntries", "session_not_found", {
      params: { ...params, sessionId: client.newId() },
    });
    assert.deepEqual(await transcripts.subkeys(client.newId()), []);
  },

  "reads on from a place in a transcript": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, lines(10));
    assert.deepEqual(await transcripts.load(sessionId, undefined, { after: 7 }), lines(3, 7));
    assert.deepEqual(await transcripts.load(sessionId, undefined, { after: 10 }), []);
    assert.deepEqual(
      await transcripts.load(sessionId, undefined, { after: 2, limit: 2 }),
      lines(2, 2),
    );
  },

  "lists the transcripts below the main one, of that session and project only": async (client) => {
    const transcripts = openTranscripts(client);
    const other = openTranscripts(client);
    const [sessionId, neighbour] = [client.newId(), client.newId()];
    await transcripts.append(sessionId, lines(1));
    await transcripts.append(sessionId, lines(1), "subagents/agent-1");
    await transcripts.append(sessionId, lines(1), "subagents/flows/run-1/agent-2");
    await transcripts.append(neighbour, lines(1), "subagents/agent-3");
    await other.append(sessionId, lines(1), "subagents/agent-4");
    assert.deepEqual((await transcripts.subkeys(sessionId)).toSorted(), [
      "subagents/agent-1",
      "subagents/flows/run-1/agent-2",
    ]);
    const all = await client.ok("listTranscripts", { params: { sessionId } });
    assert.deepEqual(
      all.transcripts.map(({ subpath, seq }) => [subpath, seq]),
      [
        [null, 1],
        ["subagents/agent-1", 1],
        ["subagents/flows/run-1/agent-2", 1],
        ["subagents/agent-4", 1],
      ],
    );
  },

  "lists the sessions that have a main transcript in a project": async (client) => {
    const transcripts = openTranscripts(client);
    const [one, two, three] = [client.newId(), client.newId(), client.newId()];
    const before = Date.now() - 60_000;
    await transcripts.append(one, lines(2));
    await transcripts.append(two, lines(1));
    await transcripts.append(three, lines(1), "subagents/agent-1");
    const sessions = await transcripts.sessions();
    assert.deepEqual(
      sessions.map(({ sessionId, seq }) => [sessionId, seq]),
      [
        [two, 1],
        [one, 2],
      ],
    );
    for (const { mtime } of sessions) assert.ok(mtime > before && mtime > 1e12);
    assert.deepEqual(await openTranscripts(client).sessions(), []);
  },

  "keeps a summary as it was, on the clock of the listing": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, lines(2));
    const [before] = await transcripts.summaries();
    assert.equal(before?.summary, null);
    const params = transcripts.params(sessionId);
    const data = { firstPrompt: "x", nested: { a: [1, null] } };
    await client.ok("putSummary", { params, body: { data, seq: 2, base: 0 } });
    const [after] = await transcripts.summaries();
    assert.deepEqual(after?.summary, { data, seq: 2 });
    assert.equal(after?.mtime, (await transcripts.sessions())[0]?.mtime);
  },

  "keeps of two summaries that go on from the same one the first": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, lines(3));
    const params = transcripts.params(sessionId);
    await client.ok("putSummary", { params, body: { data: { by: 1 }, seq: 2, base: 0 } });
    const problem = await client.refused("putSummary", "version_mismatch", {
      params,
      body: { data: { by: 2 }, seq: 3, base: 0 },
    });
    assert.equal(problem["seq"], 2);
    await client.ok("putSummary", { params, body: { data: { by: 2 }, seq: 3, base: 2 } });
    await client.refused("putSummary", "invalid_content", {
      params,
      body: { data: {}, seq: 4, base: 3 },
    });
    await client.refused("putSummary", "transcript_not_found", {
      params: { ...params, projectKey: "other" },
      body: { data: {}, seq: 0, base: 0 },
    });
  },

  "takes entries in a batch of commands, once each, also when the session is over": async (
    client,
  ) => {
    const transcripts = openTranscripts(client);
    const sessionId = await client.session();
    const params = { sessionId };
    const { projectKey } = transcripts;
    const body = [
      { type: "transcript_entry", id: "c-1", data: { projectKey, entry: { type: "mode" } } },
      {
        type: "transcript_entry",
        id: "c-2",
        data: { projectKey, subpath: "subagents/a", entry: { uuid: "u" } },
      },
    ];
    await client.ok("finalizeSession", { params, body: {} });
    await client.ok("appendEvents", { params, body });
    const again = await client.ok("appendEvents", { params, body });
    assert.deepEqual([again.accepted, again.duplicates], [0, 2]);
    assert.deepEqual(await transcripts.load(sessionId), [{ type: "mode" }]);
    const { metadata } = await client.ok("getSession", { params });
    assert.equal(metadata?.status, "completed");
  },

  "shows entries in the history and the feed, with their transcript": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = await client.session();
    const socket = await client.socket(`?session=${sessionId}`);
    await socket.until("caught_up");
    await transcripts.append(sessionId, [{ type: "user", uuid: "u" }], "subagents/a");
    const [frame] = await socket.events(1);
    assert.equal(frame?.type, "transcript_entry");
    assert.deepEqual(frame?.data, {
      seq: 1,
      projectKey: transcripts.projectKey,
      subpath: "subagents/a",
      entry: { type: "user", uuid: "u" },
    });
    const { events } = await client.ok("getEvents", {
      params: { sessionId },
      query: { types: "transcript_entry" },
    });
    assert.deepEqual(events, [frame]);
  },

  "takes an entry of 8 MiB, 200 levels deep and with 20,000 keys": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    let deep: unknown = 1;
    for (let level = 0; level < 200; level += 1) deep = [deep];
    const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]));
    const entries = [{ uuid: "big", text: "x".repeat(8 * 1_048_576), deep, keys }];
    await transcripts.append(sessionId, entries);
    assert.deepEqual(await transcripts.load(sessionId), entries);
    const command = {
      type: "transcript_entry",
      data: { projectKey: transcripts.projectKey, entry: { ...entries[0], uuid: "big-2" } },
    };
    await client.ok("appendEvents", {
      params: { sessionId },
      headers: { "content-type": contentTypes.ndjson },
      body: JSON.stringify(command),
    });
    const problem = await client.refused("appendEntries", "payload_too_large", {
      params: transcripts.params(sessionId),
      body: JSON.stringify([{ text: "x".repeat(limits.entryBytes) }]),
    });
    assert.match(problem.detail, /entryBytes/);
  },

  "refuses names that would leave the folder, and what is no entry": async (client) => {
    const sessionId = client.newId();
    for (const projectKey of ["..", "a/b", ".hidden", "a.jsonl", "a\u0000", "x".repeat(201)])
      await client.refused("appendEntries", "invalid_request", {
        params: { projectKey, sessionId },
        body: [{}],
      });
    for (const subpath of ["../x", "a//b", "/a", "a/", "a/.b", "a/../b", "a.jsonl/b", ""])
      await client.refused("appendEntries", "invalid_request", {
        params: { projectKey: "p", sessionId },
        query: { subpath },
        body: [{}],
      });
    const problem = await client.refused("appendEntries", "invalid_content", {
      params: { projectKey: "p", sessionId },
      body: [{}, 7],
    });
    assert.equal(problem.errors?.[0]?.field, "/1");
  },
};
