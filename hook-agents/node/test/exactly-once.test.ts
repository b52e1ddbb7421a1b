import { expect, it } from "vitest";

import { createAgent, numbersOf, range } from "./support/agent.ts";
import { startCuttingProxy } from "./support/cutting-proxy.ts";
import { ended, startProgram } from "./support/program.ts";
import { shareService, startService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const shared = shareService();

it("stores every record once when answers are lost after the commit", async () => {
  const service = shared.current;
  const sessionId = "lost";
  const proxy = await startCuttingProxy(service.port);
  const agent = createAgent({
    sessionId,
    serviceUrl: proxy.url,
    session: { userId: "ada" },
    limits: { batchRecords: 50 },
  });
  const cut = proxy.cut(3);
  range(0, 500).forEach((n) => agent.logAction({ type: "step", n }));
  const goal = agent.addGoal({ description: "once" });
  agent.updateGoal(goal.goalId, { status: "completed" });
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);

  await cut;
  expect(proxy.cuts).toBe(3);
  expect(numbersOf(await service.actions(sessionId))).toEqual(range(0, 500));
  const types = (await service.events(sessionId)).map((event) => event.type);
  expect(types.filter((type) => type === "goal_added")).toHaveLength(1);
  expect(types.filter((type) => type === "session_created")).toHaveLength(1);
  expect(agent.stats()).toMatchObject({ retried: 3, rejected: 0, sent: 503 });
  expect(agent.stats().duplicates).toBeGreaterThanOrEqual(50);
});

it("stores every record once when the answer is lost and the service is killed", async () => {
  const service = await startService();
  const proxy = await startCuttingProxy(service.port);
  const agent = createAgent({ serviceUrl: proxy.url, session: {} });
  const cut = proxy.cut(1);
  const logged = range(0, 100).map((n) => agent.logAction({ type: "step", n }));
  // The batch is stored, and the agent doesn't know.
  await cut;
  await service.kill();
  await service.start();
  expect(await logged[99]?.receipt).toMatchObject({ outcome: "stored" });
  expect(numbersOf(await service.actions("run"))).toEqual(range(0, 100));
});

it("stores every record once when the agent dies between the answer and the cursor", async () => {
  const service = shared.current;
  const sessionId = "heir";
  const spoolDirectory = temporaryDirectory();
  const proxy = await startCuttingProxy(service.port);
  const first = createAgent({
    sessionId,
    serviceUrl: proxy.url,
    session: {},
    spoolDirectory,
  });
  const cut = proxy.cut(1_000);
  range(0, 100).forEach((n) => first.logAction({ type: "step", n }));
  await cut;
  await first.close({ timeoutMs: 0 });

  const second = createAgent({ sessionId, serviceUrl: service.url, spoolDirectory });
  second.logAction({ type: "step", n: 100 });
  expect(await second.flush({ timeoutMs: 10_000 })).toBe(true);
  expect(numbersOf(await service.actions(sessionId))).toEqual(range(0, 101));
});

it("tells the receipt of a record that was already there", async () => {
  const service = shared.current;
  const sessionId = "twice";
  const agent = createAgent({ sessionId, serviceUrl: service.url });
  const first = await agent.logAction({ type: "step", id: "mine" }).receipt;
  expect(first).toEqual({ outcome: "stored", offset: expect.any(Number) as number });
  const again = agent.logAction({ type: "step", id: "mine" });
  expect(again.id).toBe("mine");
  expect(await again.receipt).toMatchObject({ outcome: "stored", duplicate: true });
  expect(await service.actions(sessionId)).toHaveLength(1);
});

it("stores every call once when two processes make it with the same id", async () => {
  const service = shared.current;
  const run = async () => {
    const program = startProgram("logs-everything-once", {
      SESSION_ID: "both",
      SESSION_SERVICE_URL: service.url,
      SESSION_SPOOL_DIR: temporaryDirectory(),
    });
    expect(await ended(program)).toBe(0);
  };
  await Promise.all([run(), run()]);
  const events = await service.events("both");
  expect(events.map(({ type }) => type)).toEqual([
    "session_created",
    "action",
    "response",
    "state_updated",
    "goal_added",
    "goal_updated",
    "agent_spawned",
    "agent_completed",
    "metadata_updated",
    "session_finalized",
  ]);
});

it("doesn't open a session that is over by creating it once more", async () => {
  const service = shared.current;
  const sessionId = "over";
  for (const name of ["first", "second"]) {
    const agent = createAgent({ sessionId, serviceUrl: service.url, session: { name } });
    agent.finalize({}, { id: "end" });
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    await agent.close();
    const expected = { status: "completed", name: "first" };
    expect(await service.metadata(sessionId)).toMatchObject(expected);
  }
});
