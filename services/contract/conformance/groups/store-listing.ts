import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { lines, openTranscripts } from "../transcripts.ts";

export const storeListing: Checks = {
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
    const { sessionId: _, ...alone } = after ?? {};
    assert.deepEqual(await client.ok("getSummary", { params }), alone);
    await client.refused("getSummary", "transcript_not_found", {
      params: { ...params, projectKey: "other" },
    });
    await client.refused("getSummary", "session_not_found", {
      params: { ...params, sessionId: client.newId() },
    });
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
};
