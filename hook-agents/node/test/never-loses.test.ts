import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createAgent, numbersOf, range } from "./support/agent.ts";
import { ended, startProgram } from "./support/program.ts";
import { startScriptedService } from "./support/scripted-service.ts";
import { createService, firstLine, startService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

describe("a record that was taken reaches the service", () => {
  it("when the service is down at the start", async () => {
    const service = await createService();
    const agent = createAgent({ serviceUrl: service.url });
    const logged = range(0, 100).map((n) => agent.logAction({ type: "step", n }));
    expect(await agent.flush({ timeoutMs: 100 })).toBe(false);
    expect(agent.stats()).toMatchObject({ queued: 100, sent: 0 });

    await service.start();
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(await logged[99]?.receipt).toMatchObject({ outcome: "stored" });
    expect(numbersOf(await service.actions("run"))).toEqual(range(0, 100));
    expect(agent.stats()).toMatchObject({ queued: 0, sent: 100, dropped: 0, rejected: 0 });
  });

  it("when the service is killed and started again while records come", async () => {
    const service = await startService();
    const agent = createAgent({ serviceUrl: service.url, limits: { batchRecords: 20 } });
    let last = agent.logAction({ type: "step", n: 0 });
    for (let n = 1; n < 1_500; n += 1) {
      last = agent.logAction({ type: "step", n });
      if (n === 500) {
        await last.receipt;
        range(0, 200).forEach((more) => agent.logResponse({ more }));
        await service.kill();
      }
      if (n === 1_000) await service.start();
    }
    expect(await last.receipt).toMatchObject({ outcome: "stored" });
    expect(numbersOf(await service.actions("run"))).toEqual(range(0, 1_500));
    expect((await service.metadata("run")).counts.responses).toBe(200);
  });

  it("when the agent is killed with a non-empty spool and started again", async () => {
    const service = await createService();
    const environment = {
      SESSION_ID: "run",
      SESSION_SERVICE_URL: service.url,
      SESSION_SPOOL_DIR: temporaryDirectory(),
      SESSION_USER_ID: "ada",
    };
    const first = startProgram("logs-until-killed", environment);
    const line = await firstLine(first, (text) => text.startsWith("logged 500"));
    first.kill("SIGKILL");
    expect(await ended(first)).toBe("SIGKILL");
    expect(line).toBe("logged 500");

    await service.start();
    const second = startProgram("logs-one-and-ends", environment);
    expect(await ended(second)).toBe(0);
    const numbers = numbersOf(await service.actions("run"));
    expect(numbers.slice(0, 500)).toEqual(range(0, 500));
    expect(numbers.slice(0, -1)).toEqual(range(0, numbers.length - 1));
    expect(numbers.at(-1)).toBe("second");
    expect((await service.metadata("run")).userId).toBe("ada");
    expect(readdirSync(environment.SESSION_SPOOL_DIR)).toEqual([]);
  });

  it("when an agent that was closed without the service is made again in the same process", async () => {
    const service = await createService();
    const spoolDirectory = temporaryDirectory();
    const first = createAgent({ serviceUrl: service.url, spoolDirectory });
    range(0, 10).forEach((n) => first.logAction({ type: "step", n }));
    expect(await first.close({ timeoutMs: 50 })).toBe(false);

    await service.start();
    const second = createAgent({ serviceUrl: service.url, spoolDirectory });
    expect(second.stats()).toMatchObject({ adopted: 10, queued: 10 });
    second.logAction({ type: "step", n: 10 });
    expect(await second.close({ timeoutMs: 10_000 })).toBe(true);
    expect(numbersOf(await service.actions("run"))).toEqual(range(0, 11));
    expect(readdirSync(spoolDirectory)).toEqual([]);
  });
});

it("sends again, after a restart, only what was not acknowledged", async () => {
  const service = await startScriptedService((_, request) => (request <= 3 ? "stored" : "silence"));
  const spoolDirectory = temporaryDirectory();
  const limits = { batchRecords: 10 };
  const first = createAgent({ serviceUrl: service.url, spoolDirectory, limits });
  range(0, 100).forEach((n) => first.logAction({ type: "step", n }));
  await expect.poll(() => service.batches.length).toBe(4);
  await first.close({ timeoutMs: 0 });
  const second = createAgent({ serviceUrl: service.url, spoolDirectory, limits });
  expect(second.stats().adopted).toBe(70);
});

it("keeps processes with the same session apart", async () => {
  const service = await startService();
  const environment = {
    SESSION_ID: "run",
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
  };
  const programs = range(0, 3).map((index) =>
    startProgram("logs-many-and-ends", { ...environment, WRITER: String(index) }),
  );
  expect(await Promise.all(programs.map(ended))).toEqual([0, 0, 0]);
  const actions = await service.actions("run");
  for (const writer of ["0", "1", "2"])
    expect(numbersOf(actions.filter((action) => action["writer"] === writer))).toEqual(
      range(0, 1_000),
    );
});

it("cuts a torn last line, and completes one that only lacks its line feed", async () => {
  const service = await createService();
  const spoolDirectory = temporaryDirectory();
  for (const end of [
    '{"type":"action","id":"torn","da',
    '{"type":"action","id":"whole","data":{"type":"step","n":1}}',
  ]) {
    const sessionId = end.includes("torn") ? "torn" : "whole";
    const first = createAgent({ serviceUrl: service.url, spoolDirectory, sessionId });
    first.logAction({ type: "step", n: 0 });
    await first.close({ timeoutMs: 0 });
    const [folder = ""] = readdirSync(join(spoolDirectory, sessionId));
    appendFileSync(join(spoolDirectory, sessionId, folder, "00000001-0.jsonl"), end);
  }
  await service.start();
  for (const [sessionId, numbers] of [
    ["torn", [0, 2]],
    ["whole", [0, 1, 2]],
  ] as const) {
    const second = createAgent({ serviceUrl: service.url, spoolDirectory, sessionId });
    second.logAction({ type: "step", n: 2 });
    expect(await second.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(numbersOf(await service.actions(sessionId))).toEqual(numbers);
    expect(second.stats().rejected).toBe(0);
  }
});
