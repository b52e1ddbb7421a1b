import { describe, expect, it } from "vitest";

import { createService, startService } from "../../../node/test/support/service.ts";
import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";
import { SessionStoreSaver } from "../../src/main.ts";
import { at, createLine, valuesAt } from "../support/checkpoints.ts";
import { startProgram } from "../support/program.ts";
import { createSession } from "../support/session.ts";

const environment = (serviceUrl: string, spoolDirectory = temporaryDirectory()) => ({
  SESSION_ID: "job",
  SESSION_SERVICE_URL: serviceUrl,
  SESSION_SPOOL_DIR: spoolDirectory,
});
const whole = "write the letter: first, second, third";

describe("a graph whose process was killed", () => {
  it("goes on in a fresh container, without its disk, where the service has it", async () => {
    const service = await startService();
    const first = { ...environment(service.url), HANG_IN: "second", SEND_FIRST: "yes" };
    const killed = startProgram("three-steps", first);
    await killed.saidLine("hangs in second");
    await killed.kill();

    const next = startProgram("three-steps", environment(service.url));
    expect(await next.ended()).toBe(0);
    expect(next.said).toEqual(["does second", "does third", whole]);
    const nodes = (await service.actions("job")).flatMap(({ type, details }) =>
      type === "node_run" ? [(details as { node: string }).node] : [],
    );
    expect(nodes).toEqual(["first", "second", "third"]);
  }, 120_000);

  it("goes on from its spool when the service never had it, and was killed too", async () => {
    const service = await startService();
    const spool = temporaryDirectory();
    const second = { ...environment(service.url, spool), HANG_IN: "third" };
    const killed = startProgram("three-steps", second);
    await killed.saidLine("does first");
    // Nothing can be read from here on, and everything is kept.
    await service.kill();
    await killed.saidLine("hangs in third");
    await killed.kill();

    await service.start();
    const next = startProgram("three-steps", environment(service.url, spool));
    expect(await next.ended()).toBe(0);
    expect(next.said).toEqual(["does third", whole]);
  }, 120_000);
});

describe("while the service is away", () => {
  it("puts and reads what this process knows, and everything is stored when it is back", async () => {
    const service = await startService();
    const session = createSession(service.url);
    const saver = new SessionStoreSaver(session);
    const line = createLine(saver, "t");
    await line.put({ values: { n: 0 } });
    expect(await valuesAt(saver, at("t"))).toEqual({ n: 0 });

    await service.kill();
    for (let n = 1; n <= 5; n += 1) {
      await line.put({ values: { n } });
      await line.putWrites([["n", n]], "task");
    }
    const tuple = await saver.getTuple(at("t"));
    expect(tuple?.checkpoint.channel_values).toEqual({ n: 5 });
    expect(tuple?.pendingWrites).toEqual([["task", "n", 5]]);

    await service.start();
    expect(await session.agent.flush({ timeoutMs: 10_000 })).toBe(true);
    const other = new SessionStoreSaver(createSession(service.url, session.sessionId));
    expect(await valuesAt(other, at("t"))).toEqual({ n: 5 });
    expect(await valuesAt(saver, at("t"))).toEqual({ n: 5 });
  });

  it("waits for a thread that this process never saw, and says so when the time is over", async () => {
    const service = await createService();
    const saver = new SessionStoreSaver({ ...createSession(service.url), timeoutMs: 300 });
    await expect(saver.getTuple(at("t"))).rejects.toThrow("the session store can't be reached");
    const patient = new SessionStoreSaver(createSession(service.url));
    const reading = patient.getTuple(at("t"));
    await service.start();
    expect(await reading).toBeUndefined();
  });
});

describe("on the service", () => {
  it("pruning leaves one transcript, which another process reads", async () => {
    const service = await startService();
    const session = createSession(service.url);
    const saver = new SessionStoreSaver({ ...session, keep: 3 });
    const line = createLine(saver, "../a Thread");
    for (let n = 0; n < 40; n += 1) {
      await line.put({
        values: { n, early: "e".repeat(500) },
        changed: n === 0 ? ["n", "early"] : ["n"],
      });
      await saver.getTuple(line.config);
    }
    await saver.getTuple(line.config);
    const other = new SessionStoreSaver(createSession(service.url, session.sessionId));
    expect(await valuesAt(other, at("../a Thread"))).toEqual({ n: 39, early: "e".repeat(500) });
    const path = `${service.url}/v1/store/langgraph/sessions/${session.sessionId}/subkeys`;
    const { subkeys } = (await (await fetch(path)).json()) as { subkeys: string[] };
    expect(subkeys).toEqual([expect.stringMatching(/^_2e_2e_2fa_20_54hread\/g\d+$/)]);
  });

  it("refuses to work without a session", async () => {
    const session = createSession("http://127.0.0.1:9", "");
    expect(() => new SessionStoreSaver(session)).toThrow("set SESSION_ID");
  });
});
