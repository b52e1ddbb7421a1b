import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

export const sessionLife: Checks = {
  "shows a session whole": async (client) => {
    const sessionId = await client.session({ initial: [1] });
    await client.append(sessionId, { type: "a" });
    await client.append(sessionId, { text: "r" }, "appendResponses");
    const view = await client.ok("getSession", { params: { sessionId } });

    assert.deepEqual(Object.keys(view).toSorted(), [
      "actions",
      "final",
      "initial",
      "metadata",
      "responses",
      "state",
    ]);
    assert.equal(view.metadata?.sessionId, sessionId);
    assert.equal(view.metadata?.offset, 3);
    assert.equal(view.metadata?.counts.actions, 1);
    assert.equal(view.metadata?.counts.responses, 1);
    assert.equal(view.state?.version, 0);
    assert.equal(view.actions?.[0]?.offset, 2);
    assert.equal(view.responses?.[0]?.offset, 3);
    assert.equal(view.final, null);
  },

  "shows the last 100 records, or as many as `tail` says": async (client) => {
    const sessionId = await client.session();
    await client.appendBatch(
      sessionId,
      Array.from({ length: 105 }, (_, n) => ({ type: "a", n })),
    );
    const params = { sessionId };
    const view = await client.ok("getSession", { params });
    assert.deepEqual([view.actions?.length, view.actions?.[0]?.["n"]], [100, 5]);
    const tail = await client.ok("getSession", { params, query: { tail: 2 } });
    assert.deepEqual(
      tail.actions?.map(({ n }) => n),
      [103, 104],
    );
    const none = await client.ok("getSession", { params, query: { tail: 0 } });
    assert.deepEqual(none.actions, []);
  },

  "shows only the fields that are asked for": async (client) => {
    const sessionId = await client.session();
    const view = await client.ok("getSession", {
      params: { sessionId },
      query: { fields: "metadata,state" },
    });
    assert.deepEqual(Object.keys(view).toSorted(), ["metadata", "state"]);
    const problem = await client.refused("getSession", "invalid_request", {
      params: { sessionId },
      query: { fields: "metadata,secrets" },
    });
    assert.match(problem.errors?.[0]?.field ?? "", /^\?fields/);
  },

  "patches name, model, labels and tags; null removes": async (client) => {
    const sessionId = await client.session({ name: "n", model: "m", labels: { a: "1", b: "2" } });
    const params = { sessionId };
    const patched = await client.ok("patchMetadata", {
      params,
      body: { name: "new", model: null, labels: { a: null, c: "3" }, tags: ["t"] },
    });
    assert.deepEqual(
      [patched.name, patched.model, patched.labels, patched.tags],
      ["new", null, { b: "2", c: "3" }, ["t"]],
    );
    const cleared = await client.ok("patchMetadata", {
      params,
      headers: { "content-type": "application/merge-patch+json" },
      body: { name: null, labels: null, tags: null },
    });
    assert.deepEqual([cleared.name, cleared.labels, cleared.tags], [null, {}, []]);
    const view = await client.ok("getSession", { params });
    assert.deepEqual(view.metadata?.labels, {});
    const history = await client.ok("getEvents", { params, query: { types: "metadata_updated" } });
    assert.equal(history.events.length, 2);
  },

  "refuses a patch of metadata that names another member": async (client) => {
    const sessionId = await client.session({ userId: "ada" });
    for (const body of [{ userId: "bob" }, { status: "completed" }, { sessionId: "x" }, [], "x"]) {
      await client.refused("patchMetadata", "invalid_content", {
        params: { sessionId },
        body: JSON.stringify(body),
      });
    }
    await client.refused("patchMetadata", "session_not_found", {
      params: { sessionId: client.newId() },
      body: {},
    });
  },

  ...finalizing(),
  ...deleting(),
};

function finalizing(): Checks {
  return {
    "finalizes as completed unless told otherwise": async (client) => {
      const sessionId = await client.session();
      const params = { sessionId };
      const receipt = await client.ok("finalizeSession", { params, body: {} });
      assert.equal(receipt.final.status, "completed");
      assert.equal(receipt.offset, 2);
      const { metadata, final } = await client.ok("getSession", { params });
      assert.equal(metadata?.status, "completed");
      assert.equal(metadata?.finalizedAt, final?.finalizedAt);
    },
    ...Object.fromEntries(
      ["completed", "stopped", "error"].map((status) => [
        `finalizes as ${status} with outcome and response`,
        async (client) => {
          const sessionId = await client.session();
          const end = { status, outcome: { n: 1, deep: [null] }, response: "done ✓" };
          await client.ok("finalizeSession", { params: { sessionId }, body: end });
          const { metadata, final } = await client.ok("getSession", { params: { sessionId } });
          assert.equal(metadata?.status, status);
          assert.deepEqual(
            { status: final?.status, outcome: final?.outcome, response: final?.response },
            end,
          );
        },
      ]),
    ),
    "refuses an unknown final status": async (client) => {
      const sessionId = await client.session();
      const problem = await client.refused("finalizeSession", "invalid_content", {
        params: { sessionId },
        body: { status: "active" },
      });
      assert.equal(problem.errors?.[0]?.field, "/status");
    },
    "refuses every append to a finalized session": async (client) => {
      const sessionId = await client.session();
      const params = { sessionId };
      await client.ok("addGoal", { params, body: { goalId: "g", description: "d" } });
      await client.ok("spawnAgent", { params, body: { agentId: "a", type: "t" } });
      await client.ok("finalizeSession", { params, body: {} });
      const offset = (await client.ok("getSession", { params })).metadata?.offset;

      const refused = "session_finalized";
      await client.refused("appendActions", refused, { params, body: { type: "late" } });
      await client.refused("appendActions", refused, { params, body: [{ type: "late" }] });
      await client.refused("appendResponses", refused, { params, body: {} });
      await client.refused("patchState", refused, { params, body: { phase: "late" } });
      await client.refused("addGoal", refused, { params, body: { description: "late" } });
      await client.refused("patchGoal", refused, { params: { sessionId, goalId: "g" }, body: {} });
      await client.refused("spawnAgent", refused, { params, body: { type: "late" } });
      await client.refused("completeAgent", refused, {
        params: { sessionId, agentId: "a" },
        body: {},
      });
      await client.refused("appendEvents", refused, {
        params,
        body: [{ type: "action", data: { type: "late" } }],
      });
      await client.refused("finalizeSession", refused, { params, body: {} });
      assert.equal((await client.ok("getSession", { params })).metadata?.offset, offset);
    },
    "goes on with a finalized session when told to reopen it": async (client) => {
      const sessionId = await client.session();
      const params = { sessionId };
      await client.ok("finalizeSession", { params, body: { status: "stopped" } });
      await client.ok("appendActions", { params, query: { reopen: "true" }, body: { type: "on" } });
      const { metadata } = await client.ok("getSession", { params });
      assert.equal(metadata?.status, "active");
      assert.equal(metadata?.finalizedAt, null);
      const history = await client.ok("getEvents", { params });
      assert.deepEqual(
        history.events.map(({ type }) => type),
        ["session_created", "session_finalized", "metadata_updated", "action"],
      );
      await client.append(sessionId, { type: "and on" });
    },
    "reopens by creating the session again with ?reopen=true, and not without": async (client) => {
      const sessionId = await client.session();
      await client.ok("finalizeSession", { params: { sessionId }, body: {} });
      const met = await client.ok("createSession", { body: { sessionId } });
      assert.equal(met.session.status, "completed");
      const reopened = await client.ok("createSession", {
        query: { reopen: "true" },
        body: { sessionId },
      });
      assert.deepEqual([reopened.created, reopened.session.status], [false, "active"]);
    },
  };
}

function deleting(): Checks {
  return {
    "refuses to delete a running session": async (client) => {
      const sessionId = await client.session();
      await client.refused("deleteSession", "session_running", { params: { sessionId } });
      await client.ok("getState", { params: { sessionId } });
    },
    "deletes a finalized session": async (client) => {
      const sessionId = await client.session();
      await client.ok("finalizeSession", { params: { sessionId }, body: {} });
      const answer = await client.ok("deleteSession", { params: { sessionId } });
      assert.equal(answer.sessionId, sessionId);
    },
    "knows nothing of a session that was deleted by force": async (client) => {
      const sessionId = await client.session();
      const params = { sessionId };
      await client.append(sessionId, { type: "gone" });
      await client.ok("deleteSession", { params, query: { force: "true" } });
      for (const name of [
        "getSession",
        "getState",
        "getActions",
        "getResponses",
        "getEvents",
      ] as const) {
        await client.refused(name, "session_not_found", { params });
      }
      await client.refused("appendActions", "session_not_found", { params, body: { type: "x" } });
      await client.refused("deleteSession", "session_not_found", { params });
      const list = await client.ok("listSessions", { query: { q: sessionId } });
      assert.equal(list.total, 0);
    },
    "starts a deleted session's history again at 1": async (client) => {
      const sessionId = await client.session({ userId: "ada", labels: { a: "1" } });
      const params = { sessionId };
      await client.append(sessionId, { type: "old", id: "same-id" });
      await client.ok("patchState", { params, body: { phase: "old" } });
      await client.ok("deleteSession", { params, query: { force: "true" } });

      const created = await client.ok("createSession", { body: { sessionId, userId: "bob" } });
      assert.deepEqual([created.created, created.session.offset], [true, 1]);
      assert.deepEqual(created.session.labels, {});
      const receipt = await client.append(sessionId, { type: "new", id: "same-id" });
      assert.deepEqual(receipt, { success: true, seq: 1, offset: 2 });
      const view = await client.ok("getSession", { params });
      assert.deepEqual(
        view.actions?.map(({ type }) => type),
        ["new"],
      );
      assert.equal(view.state?.phase, null);
    },
  };
}
