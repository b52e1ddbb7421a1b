import { expect, it } from "vitest";

import { createAgent, numbersOf, range } from "./support/agent.ts";
import { startCuttingProxy } from "./support/cutting-proxy.ts";
import { startService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

it("stores every record once when answers are lost after the commit", async () => {
  const service = await startService();
  const proxy = await startCuttingProxy(service.port);
  const agent = createAgent({
    serviceUrl: proxy.url,
    session: { userId: "ada" },
    limits: { batchRecords: 50 },
  });
  proxy.cut(3);
  range(0, 500).forEach((n) => agent.logAction({ type: "step", n }));
  const goal = agent.addGoal({ description: "once" });
  agent.updateGoal(goal.goalId, { status: "completed" });
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);

  expect(proxy.cuts).toBe(3);
  expect(numbersOf(await service.actions("run"))).toEqual(range(0, 500));
  const types = (await service.events("run")).map((event) => event.type);
  expect(types.filter((type) => type === "goal_added")).toHaveLength(1);
  expect(types.filter((type) => type === "session_created")).toHaveLength(1);
  expect(agent.stats()).toMatchObject({ retried: 3, rejected: 0, sent: 503 });
  expect(agent.stats().duplicates).toBeGreaterThanOrEqual(50);
});

it("stores every record once when the answer is lost and the service dies before the retry", async () => {
  const service = await startService();
  const proxy = await startCuttingProxy(service.port);
  const agent = createAgent({ serviceUrl: proxy.url });
  proxy.cut(1);
  const logged = range(0, 100).map((n) => agent.logAction({ type: "step", n }));
  // Given up at the first failure: the batch is stored, and the agent doesn't know.
  await agent.flush({ timeoutMs: 50 });
  expect(proxy.cuts).toBe(1);
  await service.kill();
  await service.start();
  expect(await logged[99]?.receipt).toMatchObject({ outcome: "stored" });
  expect(numbersOf(await service.actions("run"))).toEqual(range(0, 100));
});

it("stores every record once when the agent dies between the answer and the cursor", async () => {
  const service = await startService();
  const spoolDirectory = temporaryDirectory();
  const proxy = await startCuttingProxy(service.port);
  const first = createAgent({ serviceUrl: proxy.url, spoolDirectory });
  proxy.cut(1_000);
  range(0, 100).forEach((n) => first.logAction({ type: "step", n }));
  await first.close({ timeoutMs: 100 });
  expect(proxy.cuts).toBeGreaterThan(0);

  const second = createAgent({ serviceUrl: service.url, spoolDirectory });
  second.logAction({ type: "step", n: 100 });
  expect(await second.flush({ timeoutMs: 10_000 })).toBe(true);
  expect(numbersOf(await service.actions("run"))).toEqual(range(0, 101));
});

it("tells the receipt of a record that was already there", async () => {
  const service = await startService();
  const agent = createAgent({ serviceUrl: service.url });
  const first = await agent.logAction({ type: "step", id: "mine" }).receipt;
  expect(first).toEqual({ outcome: "stored", offset: expect.any(Number) as number });
  const again = agent.logAction({ type: "step", id: "mine" });
  expect(again.id).toBe("mine");
  expect(await again.receipt).toMatchObject({ outcome: "stored", duplicate: true });
  expect(await service.actions("run")).toHaveLength(1);
});
