import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Receipt } from "../src/api.ts";
import { createAgent, numbersOf, range, spoolBytes } from "./support/agent.ts";
import { createService, startService } from "./support/service.ts";
import { mountSmallDisk } from "./support/small-disk.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const lifecycle = (agent: ReturnType<typeof createAgent>) => {
  const goal = agent.addGoal({ description: "survive" });
  const child = agent.spawnAgent({ type: "worker" });
  agent.completeAgent(child.agentId, { result: "ok" });
  agent.updateGoal(goal.goalId, { status: "completed" });
};
const lifecycleTypes = ["goal_added", "agent_spawned", "agent_completed", "goal_updated"];

describe("a full spool", () => {
  it("drops the oldest bulk records, keeps the session's life and owns up to what went", async () => {
    const service = await createService();
    const limit = 200_000;
    const agent = createAgent({ serviceUrl: service.url, limits: { spoolBytes: limit } });
    lifecycle(agent);
    const logged = range(0, 5_000).map((n) =>
      agent.logAction({ type: "step", n, text: "x".repeat(200) }),
    );
    expect(agent.stats().queuedBytes).toBeLessThanOrEqual(limit);
    expect(spoolBytes(agent.spoolDirectory)).toBeLessThan(limit * 1.1);

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    const events = await service.events("run");
    const types: string[] = events.map(({ type }) => type);
    expect(types.filter((type) => lifecycleTypes.includes(type))).toEqual(lifecycleTypes);

    const actions = await service.actions("run");
    const steps = actions.filter(({ type }) => type === "step");
    expect(numbersOf(steps)).toEqual(range(5_000 - steps.length, 5_000));
    const told = actions
      .filter(({ type }) => type === "records_dropped")
      .map(({ details }) => (details as { records: number; reason: string }).records);
    expect(told.reduce((total, records) => total + records, 0)).toBe(5_000 - steps.length);
    expect(agent.stats()).toMatchObject({ dropped: 5_000 - steps.length, queued: 0, rejected: 0 });

    const receipts = await Promise.all(logged.map(({ receipt }) => receipt));
    const dropped: Receipt = { outcome: "dropped", reason: "spool_full" };
    expect(receipts[0]).toEqual(dropped);
    expect(receipts.filter(({ outcome }) => outcome === "dropped")).toHaveLength(
      5_000 - steps.length,
    );
    expect(receipts.at(-1)?.outcome).toBe("stored");
  });

  it("gives up bulky payloads before it gives up records", async () => {
    const service = await createService();
    const agent = createAgent({ serviceUrl: service.url, limits: { spoolBytes: 1_000_000 } });
    range(0, 100).forEach((n) => agent.logAction({ type: "read", n, content: "x".repeat(20_000) }));
    expect(agent.stats()).toMatchObject({ queued: 100, dropped: 0 });
    expect(agent.stats().shortened).toBeGreaterThan(40);
    expect(agent.stats().queuedBytes).toBeLessThanOrEqual(1_000_000);

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    const actions = await service.actions("run");
    expect(numbersOf(actions)).toEqual(range(0, 100));
    expect(actions[0]?.["content"]).toEqual({
      shortened: true,
      bytes: 20_002,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(actions[99]?.["content"]).toHaveLength(20_000);
  });

  it("refuses what is new when nothing but the session's life is left, and tells that later", async () => {
    const service = await createService();
    const agent = createAgent({ serviceUrl: service.url, limits: { spoolBytes: 50_000 } });
    const goals = range(0, 1_000).map((n) => agent.addGoal({ description: `goal ${n}` }));
    const dropped = agent.stats().dropped;
    expect(dropped).toBeGreaterThan(0);
    expect(await goals.at(-1)?.receipt).toEqual({ outcome: "dropped", reason: "spool_full" });

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    const [told] = await service.actions("run");
    expect(told).toMatchObject({ type: "records_dropped", details: { records: dropped } });
    expect((await service.metadata("run")).counts.goals).toBe(1_000 - dropped);
  });

  it("does not slow the calls down by more than a millisecond each", async () => {
    const service = await createService();
    const agent = createAgent({ serviceUrl: service.url, limits: { spoolBytes: 4_194_304 } });
    const before = performance.now();
    range(0, 20_000).forEach((n) => agent.logAction({ type: "step", n, text: "x".repeat(1_500) }));
    expect((performance.now() - before) / 20_000).toBeLessThan(1);
    expect(agent.stats().queued + agent.stats().dropped).toBeGreaterThanOrEqual(20_000);
  });
});

describe("a spool that can't be written", () => {
  it("keeps records in memory up to the bound, and drops and tells what is beyond", async () => {
    const service = await createService();
    const agent = createAgent({
      serviceUrl: service.url,
      spoolDirectory: "/dev/null/spool",
      limits: { memoryBytes: 100_000 },
    });
    range(0, 2_000).forEach((n) => agent.logAction({ type: "step", n, text: "x".repeat(100) }));
    const { memoryBytes, queuedBytes } = agent.stats();
    expect(memoryBytes).toBe(queuedBytes);
    expect(memoryBytes).toBeLessThanOrEqual(100_000);
    expect(agent.warnings.map(({ message }) => message)).toContain(
      "spool can't be used as it should",
    );

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    const actions = await service.actions("run");
    const steps = actions.filter(({ type }) => type === "step");
    expect(numbersOf(steps)).toEqual(range(2_000 - steps.length, 2_000));
    expect(actions[0]).toMatchObject({ type: "records_dropped" });
  });

  it("moves them to the disk once that takes them, in order", async () => {
    const service = await createService();
    const spoolDirectory = join(temporaryDirectory(), "spool");
    writeFileSync(spoolDirectory, "in the way");
    const agent = createAgent({ serviceUrl: service.url, spoolDirectory });
    range(0, 10).forEach((n) => agent.logAction({ type: "step", n }));
    expect(agent.stats().memoryBytes).toBeGreaterThan(0);

    rmSync(spoolDirectory);
    await expect.poll(() => agent.stats().memoryBytes, { timeout: 10_000 }).toBe(0);
    range(10, 20).forEach((n) => agent.logAction({ type: "step", n }));
    await agent.close({ timeoutMs: 0 });

    await service.start();
    const heir = createAgent({ serviceUrl: service.url, spoolDirectory });
    expect(heir.stats().adopted).toBe(20);
    expect(await heir.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(numbersOf(await service.actions("run"))).toEqual(range(0, 20));
  });

  it("loses nothing on a disk that fills up in the middle of a record", async (context) => {
    const disk = mountSmallDisk(262_144);
    if (disk === undefined) {
      context.skip("a small tmpfs can't be mounted here");
      return;
    }
    const service = await startService();
    await service.kill();
    const agent = createAgent({ serviceUrl: service.url, spoolDirectory: disk });
    range(0, 1_000).forEach((n) => agent.logAction({ type: "step", n, text: "x".repeat(1_000) }));
    expect(agent.stats()).toMatchObject({ queued: 1_000, dropped: 0 });
    expect(agent.stats().memoryBytes).toBeGreaterThan(0);

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(numbersOf(await service.actions("run"))).toEqual(range(0, 1_000));
    expect(agent.stats()).toMatchObject({ rejected: 0, dropped: 0 });
  });
});
