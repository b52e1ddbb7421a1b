import { agentStatusSchema, goalPrioritySchema, goalStatusSchema } from "../../src/index.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

export const goals: Checks = {
  "adds a goal with what it takes for granted": async (client) => {
    const sessionId = await client.session();
    const { goalId, goal } = await client.ok("addGoal", {
      params: { sessionId },
      body: { description: "Process data" },
    });
    assert.deepEqual(
      [goal.goalId, goal.id, goal.status, goal.priority, goal.completedAt],
      [goalId, goalId, "pending", "medium", null],
    );
    const { goals: listed, version } = await client.ok("getState", { params: { sessionId } });
    assert.deepEqual([listed, version], [[goal], 1]);
  },

  "takes the goal's id as `goalId` and as `id`": async (client) => {
    const sessionId = await client.session();
    for (const name of ["goalId", "id"]) {
      const body = { [name]: `by-${name}`, description: "d" };
      const receipt = await client.ok("addGoal", { params: { sessionId }, body });
      assert.deepEqual(
        [receipt.goalId, receipt.goal.goalId, receipt.goal.id],
        Array(3).fill(`by-${name}`),
      );
    }
  },

  "keeps every goal of 20 added at the same time": async (client) => {
    const sessionId = await client.session();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.ok("addGoal", { params: { sessionId }, body: { description: `goal ${n}` } }),
      ),
    );
    const { goals: listed, version } = await client.ok("getState", { params: { sessionId } });
    assert.equal(new Set(listed.map(({ goalId }) => goalId)).size, 20);
    assert.equal(new Set(listed.map(({ description }) => description)).size, 20);
    assert.equal(version, 20);
    const { metadata } = await client.ok("getSession", { params: { sessionId } });
    assert.equal(metadata?.counts.goals, 20);
  },

  "gives a goal every status and priority, and a time when it is completed": async (client) => {
    const sessionId = await client.session();
    const params = { sessionId, goalId: "g" };
    await client.ok("addGoal", { params: { sessionId }, body: { goalId: "g", description: "d" } });
    for (const status of goalStatusSchema.options) {
      const { goal } = await client.ok("patchGoal", { params, body: { status } });
      assert.equal(goal.status, status);
      assert.equal(goal.completedAt !== null, status === "completed");
    }
    for (const priority of goalPrioritySchema.options) {
      const { goal } = await client.ok("patchGoal", { params, body: { priority } });
      assert.equal(goal.priority, priority);
    }
  },

  "keeps members of a goal besides the known ones": async (client) => {
    const sessionId = await client.session();
    const body = { goalId: "g", description: "d", owner: "ada", parts: [1, 2] };
    await client.ok("addGoal", { params: { sessionId }, body });
    const { goal } = await client.ok("patchGoal", {
      params: { sessionId, goalId: "g" },
      headers: { "content-type": "application/merge-patch+json" },
      body: { note: "n" },
    });
    assert.deepEqual([goal["owner"], goal["parts"], goal["note"]], ["ada", [1, 2], "n"]);
  },

  "refuses a second goal of the same id": async (client) => {
    const params = { sessionId: await client.session() };
    const body = { goalId: "g", description: "d" };
    await client.ok("addGoal", { params, body });
    await client.refused("addGoal", "goal_exists", { params, body });
  },

  "refuses to change a goal that is not there": async (client) => {
    const sessionId = await client.session();
    const body = { status: "completed" };
    await client.refused("patchGoal", "goal_not_found", {
      params: { sessionId, goalId: "none" },
      body,
    });
    const params = { sessionId: client.newId(), goalId: "g" };
    await client.refused("patchGoal", "session_not_found", { params, body });
    await client.refused("addGoal", "session_not_found", { params, body: { description: "d" } });
  },

  "refuses goals that are not valid and names the field": async (client) => {
    const sessionId = await client.session();
    const table: [body: object, field: string][] = [
      [{}, "/description"],
      [{ description: "" }, "/description"],
      [{ description: "d", status: "done" }, "/status"],
      [{ description: "d", priority: 1 }, "/priority"],
      [{ description: "d", goalId: "../x" }, "/goalId"],
    ];
    for (const [body, field] of table) {
      const problem = await client.refused("addGoal", "invalid_content", {
        params: { sessionId },
        body,
      });
      assert.equal(problem.errors?.[0]?.field, field);
    }
    await client.ok("addGoal", { params: { sessionId }, body: { goalId: "g", description: "d" } });
    await client.refused("patchGoal", "invalid_content", {
      params: { sessionId, goalId: "g" },
      body: { status: "done" },
    });
    await client.refused("patchGoal", "invalid_request", {
      params: { sessionId, goalId: "a/../b" },
      body: {},
    });
  },
};

export const agents: Checks = {
  "records a tree of spawned agents": async (client) => {
    const params = { sessionId: await client.session() };
    const root = await client.ok("spawnAgent", {
      params,
      body: { type: "governor", task: { n: 1 } },
    });
    const child = await client.ok("spawnAgent", {
      params,
      body: { id: "child", type: "worker", parentAgentId: root.agentId, colour: "red" },
    });
    assert.deepEqual(
      [root.agent.parentAgentId, root.agent.status, root.agent.task, root.agent.completedAt],
      [null, "running", { n: 1 }, null],
    );
    assert.deepEqual(
      [
        child.agentId,
        child.agent.agentId,
        child.agent.id,
        child.agent.parentAgentId,
        child.agent["colour"],
      ],
      ["child", "child", "child", root.agentId, "red"],
    );
    const { agents: listed } = await client.ok("getState", { params });
    assert.deepEqual(listed, [root.agent, child.agent]);
    const { metadata } = await client.ok("getSession", { params });
    assert.deepEqual([metadata?.counts.agents, metadata?.counts.agentsRunning], [2, 2]);
  },

  "records the end of an agent, as completed unless told otherwise": async (client) => {
    const sessionId = await client.session();
    await client.ok("spawnAgent", { params: { sessionId }, body: { agentId: "a", type: "t" } });
    const { agent } = await client.ok("completeAgent", {
      params: { sessionId, agentId: "a" },
      body: {},
    });
    assert.equal(agent.status, "completed");
    assert.notEqual(agent.completedAt, null);
    for (const status of agentStatusSchema.exclude(["running"]).options) {
      await client.ok("spawnAgent", {
        params: { sessionId },
        body: { agentId: status, type: "t" },
      });
      const ended = await client.ok("completeAgent", {
        params: { sessionId, agentId: status },
        body: { status, result: { text: "ok" }, parentAgentId: "a" },
      });
      assert.deepEqual(
        [ended.agent.status, ended.agent.result, ended.agent.parentAgentId],
        [status, { text: "ok" }, "a"],
      );
    }
    const { metadata } = await client.ok("getSession", { params: { sessionId } });
    assert.equal(metadata?.counts.agentsRunning, 0);
  },

  "lets no completion overwrite what the service keeps of an agent": async (client) => {
    const sessionId = await client.session();
    const { agent } = await client.ok("spawnAgent", {
      params: { sessionId },
      body: { agentId: "a", type: "t" },
    });
    const answer = await client.raw("completeAgent", {
      params: { sessionId, agentId: "a" },
      body: { agentId: "b", id: "b", spawnedAt: "never", completedAt: 7, type: 7 },
    });
    assert.ok([200, 422].includes(answer.status), answer.text);
    const { agents: listed } = await client.ok("getState", { params: { sessionId } });
    const { agentId, id, spawnedAt } = listed[0] ?? {};
    assert.deepEqual(
      { agentId, id, spawnedAt },
      { agentId: "a", id: "a", spawnedAt: agent.spawnedAt },
    );
  },

  "refuses agents that are there already or not at all": async (client) => {
    const sessionId = await client.session();
    const body = { agentId: "a", type: "t" };
    await client.ok("spawnAgent", { params: { sessionId }, body });
    await client.refused("spawnAgent", "agent_exists", { params: { sessionId }, body });
    const params = { sessionId, agentId: "none" };
    await client.refused("completeAgent", "agent_not_found", { params, body: {} });
    const unknown = { sessionId: client.newId(), agentId: "a" };
    await client.refused("spawnAgent", "session_not_found", { params: unknown, body });
    await client.refused("completeAgent", "session_not_found", { params: unknown, body: {} });
  },

  "refuses agents that are not valid and names the field": async (client) => {
    const params = { sessionId: await client.session() };
    const table: [body: object, field: string][] = [
      [{}, "/type"],
      [{ type: "" }, "/type"],
      [{ type: "t", agentId: "a b" }, "/agentId"],
      [{ type: "t", parentAgentId: 7 }, "/parentAgentId"],
    ];
    for (const [body, field] of table) {
      const problem = await client.refused("spawnAgent", "invalid_content", { params, body });
      assert.equal(problem.errors?.[0]?.field, field);
    }
    await client.ok("spawnAgent", { params, body: { agentId: "a", type: "t" } });
    await client.refused("completeAgent", "invalid_content", {
      params: { ...params, agentId: "a" },
      body: { status: "running" },
    });
  },
};
