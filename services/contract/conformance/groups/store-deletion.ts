import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { openTranscripts } from "../transcripts.ts";

const one = [{ type: "user", uuid: "u-1" }];
const two = [{ type: "user", uuid: "u-2" }];

export const storeDeletion: Checks = {
  "deletes a main transcript with all below it, and nothing else": async (client) => {
    const transcripts = openTranscripts(client);
    const other = openTranscripts(client);
    const [sessionId, neighbour] = [client.newId(), client.newId()];
    await transcripts.append(sessionId, one);
    await transcripts.append(sessionId, one, "subagents/a");
    await transcripts.append(neighbour, one);
    await other.append(sessionId, one);
    await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    assert.equal(await transcripts.load(sessionId), null);
    assert.equal(await transcripts.load(sessionId, "subagents/a"), null);
    assert.deepEqual(await transcripts.subkeys(sessionId), []);
    assert.deepEqual(
      (await transcripts.sessions()).map(({ sessionId: id }) => id),
      [neighbour],
    );
    assert.deepEqual(await other.load(sessionId), one);
  },

  "deletes one below the main transcript alone": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    await transcripts.append(sessionId, one);
    await transcripts.append(sessionId, one, "subagents/a");
    await transcripts.append(sessionId, one, "subagents/a-b");
    await client.ok("deleteTranscript", {
      params: transcripts.params(sessionId),
      query: { subpath: "subagents/a" },
    });
    assert.deepEqual(await transcripts.load(sessionId), one);
    assert.deepEqual(await transcripts.subkeys(sessionId), ["subagents/a-b"]);
  },

  "takes the same entries again after a deletion": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    for (let life = 0; life < 3; life += 1) {
      const { accepted, seq } = await transcripts.append(sessionId, one);
      assert.deepEqual([accepted, seq], [1, 1]);
      await transcripts.append(sessionId, two);
      assert.deepEqual(await transcripts.load(sessionId), [...one, ...two]);
      await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    }
  },

  "takes the same keyed batch again after a deletion, and only then": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = client.newId();
    const modes = [{ type: "mode" }];
    for (let life = 0; life < 3; life += 1) {
      await transcripts.append(sessionId, modes, undefined, "batch-1");
      await transcripts.append(sessionId, modes, undefined, "batch-1");
      assert.deepEqual(await transcripts.load(sessionId), modes);
      await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    }
    const command = {
      type: "transcript_entry",
      id: "c-1",
      data: { projectKey: transcripts.projectKey, subpath: "subagents/a", entry: modes[0] },
    };
    for (let life = 0; life < 2; life += 1) {
      const { accepted } = await client.ok("appendEvents", {
        params: { sessionId },
        body: [command, command],
      });
      assert.equal(accepted, 1);
      await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    }
  },

  "leaves the history its places but not what was said": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = await client.session();
    await transcripts.append(sessionId, [{ secret: "do-not-keep" }]);
    await client.append(sessionId, { type: "between" });
    await transcripts.append(sessionId, [{ secret: "do-not-keep" }], "subagents/a");
    await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    const { events } = await client.ok("getEvents", { params: { sessionId } });
    assert.deepEqual(
      events.map(({ offset, type }) => [offset, type]),
      [
        [1, "session_created"],
        [2, "transcript_entry"],
        [3, "action"],
        [4, "transcript_entry"],
        [5, "transcript_deleted"],
      ],
    );
    assert.equal(events[1]?.data["entry"], null);
    assert.ok(!JSON.stringify(events).includes("do-not-keep"));
    const { metadata } = await client.ok("getSession", { params: { sessionId } });
    assert.equal(metadata?.damagedOffsets, undefined);
  },

  "does nothing where there is nothing": async (client) => {
    const transcripts = openTranscripts(client);
    const sessionId = await client.session();
    await client.ok("deleteTranscript", { params: transcripts.params(sessionId) });
    await client.ok("deleteTranscript", { params: transcripts.params(client.newId()) });
    assert.equal((await client.ok("getEvents", { params: { sessionId } })).latest, 1);
  },
};
