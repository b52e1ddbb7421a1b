import { leaseEpochHeader } from "../../src/index.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

const under = (epoch: number) => ({ [leaseEpochHeader]: String(epoch) });

export const leases: Checks = {
  "gives the first to ask epoch 1, and shows it in the metadata": async (client) => {
    const params = { sessionId: await client.session() };
    const before = await client.ok("getSession", { params, query: { fields: "metadata" } });
    assert.equal(before.metadata?.lease, null);
    const { lease } = await client.ok("acquireLease", { params, body: { owner: "a" } });
    assert.deepEqual([lease.owner, lease.epoch, lease.ttlMs], ["a", 1, 60_000]);
    const after = await client.ok("getSession", { params, query: { fields: "metadata" } });
    assert.deepEqual(after.metadata?.lease, lease);
  },

  "gives the same owner the same epoch again, without a new event": async (client) => {
    const params = { sessionId: await client.session() };
    const first = await client.ok("acquireLease", { params, body: { owner: "a" } });
    assert.deepEqual(await client.ok("acquireLease", { params, body: { owner: "a" } }), first);
    const history = await client.ok("getEvents", { params });
    assert.equal(history.latest, 2);
  },

  "refuses another owner while the first one lives, and says who and until when": async (
    client,
  ) => {
    const params = { sessionId: await client.session() };
    await client.ok("acquireLease", { params, body: { owner: "a" } });
    const problem = await client.refused("acquireLease", "lease_held", {
      params,
      body: { owner: "b" },
    });
    assert.deepEqual([problem["owner"], problem["epoch"]], ["a", 1]);
    assert.ok(Date.parse(String(problem["expiresAt"])) > Date.now());
  },

  "gives one of 10 that ask at once the lease": async (client) => {
    const params = { sessionId: await client.session() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        client.raw("acquireLease", { params, body: { owner: `w-${n}` } }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, ...Array(9).fill(409)],
    );
  },

  "lets another one in when the owner let go, with the next epoch": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("acquireLease", { params, body: { owner: "a" } });
    const released = await client.ok("releaseLease", { params, query: { epoch: 1 } });
    assert.equal(released.lease.owner, null);
    const { lease } = await client.ok("acquireLease", { params, body: { owner: "b" } });
    assert.deepEqual([lease.owner, lease.epoch], ["b", 2]);
    await client.refused("releaseLease", "stale_epoch", { params, query: { epoch: 1 } });
  },

  "lets another one in when the owner was silent for its time": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("acquireLease", { params, body: { owner: "a", ttlMs: 1_000 } });
    let answer = await client.raw("acquireLease", { params, body: { owner: "b" } });
    assert.equal(answer.status, 409);
    const until = Date.now() + 10_000;
    while (answer.status === 409 && Date.now() < until)
      answer = await client.raw("acquireLease", { params, body: { owner: "b" } });
    assert.equal(answer.status, 200);
    const { events } = await client.ok("getEvents", { params });
    const handOver = events.at(-1);
    assert.equal(handOver?.type, "lease_acquired");
    assert.deepEqual(handOver?.data, {
      owner: "b",
      epoch: 2,
      ttlMs: 60_000,
      takenFrom: "a",
      reason: "expired",
    });
  },

  "gives it away by force, and tells so": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("acquireLease", { params, body: { owner: "a" } });
    const { lease } = await client.ok("acquireLease", {
      params,
      body: { owner: "b", force: true },
    });
    assert.equal(lease.epoch, 2);
    const { events } = await client.ok("getEvents", { params });
    assert.deepEqual(
      [events.at(-1)?.data["takenFrom"], events.at(-1)?.data["reason"]],
      ["a", "forced"],
    );
  },

  "refuses every write under an epoch that is over, and stores nothing of it": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId };
    await client.ok("acquireLease", { params, body: { owner: "a" } });
    await client.ok("appendActions", { params, headers: under(1), body: { type: "mine" } });
    await client.ok("acquireLease", { params, body: { owner: "b", force: true } });
    const headers = under(1);
    const body = { type: "late" };
    await client.refused("appendActions", "stale_epoch", { params, headers, body });
    await client.refused("appendResponses", "stale_epoch", { params, headers, body });
    await client.refused("patchState", "stale_epoch", { params, headers, body: { phase: "x" } });
    await client.refused("addGoal", "stale_epoch", { params, headers, body: { description: "x" } });
    await client.refused("finalizeSession", "stale_epoch", { params, headers, body: {} });
    await client.refused("appendEvents", "stale_epoch", {
      params,
      headers,
      body: [{ type: "action", data: body }],
    });
    await client.refused("appendEntries", "stale_epoch", {
      params: { ...params, projectKey: "p" },
      headers,
      body: [{ type: "user" }],
    });
    assert.equal((await client.ok("getEvents", { params })).latest, 4);
    await client.ok("appendActions", { params, headers: under(2), body });
    await client.ok("appendActions", { params, body });
  },

  "keeps the lease of an owner that writes": async (client) => {
    const params = { sessionId: await client.session() };
    await client.ok("acquireLease", { params, body: { owner: "a", ttlMs: 1_000 } });
    const until = Date.now() + 1_500;
    while (Date.now() < until)
      await client.ok("appendActions", { params, headers: under(1), body: { type: "a" } });
    await client.refused("acquireLease", "lease_held", { params, body: { owner: "b" } });
  },

  "refuses what is no lease, and no epoch": async (client) => {
    const params = { sessionId: await client.session() };
    for (const body of [{}, { owner: "" }, { owner: "a", ttlMs: 1 }, { owner: "a", more: 1 }])
      await client.refused("acquireLease", "invalid_content", { params, body });
    await client.refused("appendActions", "invalid_request", {
      params,
      headers: { [leaseEpochHeader]: "x" },
      body: { type: "a" },
    });
    await client.refused("acquireLease", "session_not_found", {
      params: { sessionId: client.newId() },
      body: { owner: "a" },
    });
  },
};
