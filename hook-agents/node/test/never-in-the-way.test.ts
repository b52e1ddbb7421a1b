import { expect, it } from "vitest";

import { createAgent, numbersOf, range } from "./support/agent.ts";
import { ended, startProgram } from "./support/program.ts";
import { startScriptedService } from "./support/scripted-service.ts";
import { firstLine, freePort, shareService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const shared = shareService();

it("adds less than a millisecond to 99 % of 10,000 calls", async () => {
  const service = shared.current;
  const agent = createAgent({ serviceUrl: service.url, sessionId: "latency" });
  const tookMs: number[] = [];
  for (let n = 0; n < 10_000; n += 1) {
    const before = performance.now();
    agent.logAction({ type: "step", n, details: { task: "process_data", text: "x".repeat(300) } });
    tookMs.push(performance.now() - before);
    // The agent does something else now and then, and the library sends meanwhile.
    if (n % 50 === 0) await new Promise(setImmediate);
  }
  // Neighbours on the machine can only add to it: the quietest thousand tells what is ours.
  const slices = range(0, 10).map((slice) => tookMs.slice(slice * 1_000, slice * 1_000 + 1_000));
  const p99s = slices.map((slice) => slice.toSorted((a, b) => a - b)[990] ?? Number.NaN);
  expect(Math.min(...p99s)).toBeLessThan(1);
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
  expect(numbersOf(await service.actions("latency"))).toEqual(range(0, 10_000));
});

it("is a no-op that warns once when there is no session id", async () => {
  const program = startProgram("logs-one-and-ends", {});
  const warnings: string[] = [];
  program.stderr?.on("data", (data: Buffer) => warnings.push(data.toString()));
  expect(await ended(program)).toBe(0);
  expect(warnings.join("").match(/session hook agent is off/g)).toHaveLength(1);

  const agent = createAgent({ serviceUrl: "http://127.0.0.1:9", sessionId: "" });
  expect(agent.addGoal({ description: "d" }).goalId).toMatch(/^[0-9a-f-]{36}$/);
  const receipt = await agent.logAction({ type: "x" }).receipt;
  expect(receipt).toEqual({ outcome: "dropped", reason: "disabled" });
  expect(agent.stats()).toMatchObject({ enabled: false, dropped: 0 });
});

it("lets the process end by itself while records wait for a service that isn't there", async () => {
  const environment = {
    SESSION_ID: "run",
    SESSION_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    SESSION_SPOOL_DIR: temporaryDirectory(),
  };
  const before = performance.now();
  expect(await ended(startProgram("logs-one-and-ends", environment))).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  const heir = createAgent({
    serviceUrl: environment.SESSION_SERVICE_URL,
    spoolDirectory: environment.SESSION_SPOOL_DIR,
  });
  expect(heir.stats().adopted).toBe(1);
});

it("does not wait out a flush's time for a service that isn't there, when told so", async () => {
  const agent = createAgent({ serviceUrl: `http://127.0.0.1:${await freePort()}` });
  agent.logAction({ type: "step" });
  const before = performance.now();
  expect(await agent.flush({ timeoutMs: 15_000, endsOnFailure: true })).toBe(false);
  expect(performance.now() - before).toBeLessThan(10_000);
});

it("ends within its bound when the service takes the request and never answers", async () => {
  const silent = await startScriptedService(() => "silence");
  const agent = createAgent({ serviceUrl: silent.url });
  agent.logAction({ type: "step" });
  await expect.poll(() => silent.batches.length).toBe(1);
  const before = performance.now();
  expect(await agent.close({ timeoutMs: 200 })).toBe(false);
  expect(performance.now() - before).toBeLessThan(5_000);

  const program = startProgram("logs-one-and-ends", {
    SESSION_ID: "run",
    SESSION_SERVICE_URL: silent.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
  });
  expect(await ended(program)).toBe(0);
});

it("sends what is queued on SIGTERM and then ends as it would have", async () => {
  const service = shared.current;
  const program = startProgram("logs-and-waits", {
    SESSION_ID: "sigterm",
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
  });
  await firstLine(program, (line) => line === "logged");
  program.kill("SIGTERM");
  expect(await ended(program)).toBe("SIGTERM");
  expect(numbersOf(await service.actions("sigterm"))).toEqual(range(0, 2_000));
});

it("leaves SIGTERM to the program's own listener", async () => {
  const service = shared.current;
  const program = startProgram("logs-and-waits", {
    SESSION_ID: "own-sigterm",
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
    EXIT_CODE: "3",
  });
  await firstLine(program, (line) => line === "logged");
  program.kill("SIGTERM");
  expect(await ended(program)).toBe(3);
  expect(numbersOf(await service.actions("own-sigterm"))).toEqual(range(0, 2_000));
});

it("counts and tells what is logged after close", async () => {
  const agent = createAgent({ serviceUrl: "http://127.0.0.1:9" });
  expect(await agent.close({ timeoutMs: 0 })).toBe(true);
  const receipt = await agent.logAction({ type: "late" }).receipt;
  expect(receipt).toEqual({ outcome: "dropped", reason: "closed" });
  expect(agent.stats().dropped).toBe(1);
  expect(agent.warnings.map(({ message }) => message)).toEqual(["logged after close"]);
});

it("tells who reads where the records go, and nothing when they go nowhere", () => {
  const serviceUrl = "http://127.0.0.1:9";
  const agent = createAgent({ serviceUrl, token: "secret" });
  expect(agent.connection()).toEqual({ serviceUrl, token: "secret", sessionId: "run" });
  expect(JSON.stringify(agent)).not.toContain("secret");
  expect(createAgent({ serviceUrl, sessionId: "" }).connection()).toBeNull();
});
