import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

export const creating: Checks = {
  "creates a session and answers with its metadata": async (client) => {
    const sessionId = client.newId();
    const body = {
      sessionId,
      userId: "ada",
      name: "Größe ✓",
      labels: { team: "core", "app/tier": "1" },
      tags: ["one", "two"],
      model: "claude",
      workingDirectory: "/work",
    };
    const answer = await client.raw("createSession", { body });
    assert.equal(answer.status, 201);
    const created = await client.ok("createSession", { body });

    assert.equal(created.sessionId, sessionId);
    assert.equal(created.path, `sessions/${sessionId}`);
    const { userId, name, labels, tags, model, workingDirectory, status, counts } = created.session;
    assert.deepEqual({ sessionId, userId, name, labels, tags, model, workingDirectory }, body);
    assert.equal(status, "active");
    assert.deepEqual(counts, {
      actions: 0,
      responses: 0,
      goals: 0,
      goalsCompleted: 0,
      agents: 0,
      agentsRunning: 0,
    });
  },

  "says that it created the session": async (client) => {
    const created = await client.ok("createSession", { body: { sessionId: client.newId() } });
    assert.equal(created.created, true);
    assert.equal(created.session.offset, 1);
  },

  "makes an id when none is sent": async (client) => {
    const { sessionId: first } = await client.ok("createSession", { body: {} });
    const { sessionId: second } = await client.ok("createSession", { body: {} });
    assert.notEqual(first, second);
    for (const sessionId of [first, second]) {
      await client.ok("deleteSession", { params: { sessionId }, query: { force: "true" } });
    }
  },

  "wipes nothing when the same session is created again": async (client) => {
    const sessionId = await client.session({ userId: "ada", initial: { task: "first" } });
    const params = { sessionId };
    await client.append(sessionId, { type: "before" });
    await client.ok("patchState", { params, body: { phase: "execution" } });

    const again = await client.raw("createSession", {
      body: { sessionId, userId: "ada", initial: { task: "second" } },
    });
    assert.equal(again.status, 200);
    const body = await client.ok("createSession", { body: { sessionId, userId: "ada" } });
    assert.equal(body.created, false);
    assert.equal(body.writeToken, undefined, "the token is answered once");
    const view = await client.ok("getSession", { params });
    assert.deepEqual(view.initial, { task: "first" });
    assert.equal(view.state?.phase, "execution");
    assert.deepEqual(
      view.actions?.map(({ type }) => type),
      ["before"],
    );
  },

  "creates a session once when 20 ask for it at the same time": async (client) => {
    const sessionId = client.newId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.ok("createSession", { body: { sessionId } })),
    );
    assert.equal(answers.filter(({ created }) => created).length, 1);
    const history = await client.ok("getEvents", { params: { sessionId } });
    assert.deepEqual(
      history.events.map(({ type }) => type),
      ["session_created"],
    );
  },

  "refuses a session of another user": async (client) => {
    const sessionId = await client.session({ userId: "ada" });
    const problem = await client.refused("createSession", "session_exists", {
      body: { sessionId, userId: "bob" },
    });
    assert.equal(problem.errors?.[0]?.field, "/userId");
  },

  "refuses an id that differs from another only by case": async (client) => {
    const sessionId = client.newId("case");
    await client.ok("createSession", { body: { sessionId } });
    await client.refused("createSession", "session_id_case_conflict", {
      body: { sessionId: sessionId.replace("case", "CASE") },
    });
    await client.refused("getState", "session_not_found", {
      params: { sessionId: sessionId.replace("case", "CASE") },
    });
  },

  "keeps `initial` as it was sent": async (client) => {
    const initial = { text: 'naïve \u{1f600} \u2028 \\ "', list: [1, null, { a: [] }], none: null };
    const sessionId = await client.session({ initial });
    const view = await client.ok("getSession", { params: { sessionId } });
    assert.deepEqual(view.initial, initial);
  },

  "knows the session that a session came from": async (client) => {
    const parentSession = await client.session();
    const sessionId = await client.session({ parentSession });
    const view = await client.ok("getSession", { params: { sessionId } });
    assert.equal(view.metadata?.parentSession, parentSession);
  },
  ...refusals(),
};

function refusals(): Checks {
  const table: [what: string, body: unknown, field: string][] = [
    ["an unknown member", { nonsense: 1 }, ""],
    ["a name that is no text", { name: 7 }, "/name"],
    ["a name that is too long", { name: "x".repeat(513) }, "/name"],
    ["labels that are no object", { labels: ["a"] }, "/labels"],
    ["a label that is no text", { labels: { a: 1 } }, "/labels/a"],
    ["a label whose key has a colon", { labels: { "a:b": "1" } }, "/labels"],
    ["a tag that is empty", { tags: [""] }, "/tags/0"],
    ["a parent that is no id", { parentSession: "../x" }, "/parentSession"],
    ["a body that is no object", [1], ""],
  ];
  return Object.fromEntries(
    table.map(([what, body, field]) => [
      `refuses ${what} and names it`,
      async (client) => {
        const problem = await client.refused("createSession", "invalid_content", { body });
        const fields = problem.errors?.map((error) => error.field) ?? [];
        assert.ok(
          fields.some((one) => one.startsWith(field)),
          `${field} is not among ${fields.join()}`,
        );
      },
    ]),
  );
}
