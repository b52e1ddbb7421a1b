import { contentTypes, limits } from "../../src/index.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { lines, openTranscripts } from "../transcripts.ts";

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
    for (const projectKey of ["..", "a/b", ".hidden", "a.jsonl", "a\u0000", "x".repeat(221)])
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
