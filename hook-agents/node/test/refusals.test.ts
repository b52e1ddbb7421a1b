import type { Command } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { createAgent, numbersOf, range } from "./support/agent.ts";
import { problem, startScriptedService } from "./support/scripted-service.ts";
import { shareService } from "./support/service.ts";

const shared = shareService();

describe("a record that the service refuses for good", () => {
  it("goes to rejected.jsonl with the reason and doesn't hold up the others", async () => {
    const service = shared.current;
    const sessionId = "refused";
    const agent = createAgent({ serviceUrl: service.url, sessionId });
    agent.logAction({ type: "step", n: 0 });
    const bad = agent.logAction({ type: "step", n: 1, timestamp: "yesterday" });
    agent.logAction({ type: "step", n: 2 });
    const noGoal = agent.updateGoal("nowhere", { status: "completed" });
    const twice = agent.addGoal({ goalId: "g", description: "first" });
    const again = agent.addGoal({ goalId: "g", description: "second" });
    agent.updateState({ version: 7 });
    agent.logAction({ type: "step", n: 3 });
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);

    expect(numbersOf(await service.actions(sessionId))).toEqual([0, 2, 3]);
    expect(await bad.receipt).toMatchObject({
      outcome: "rejected",
      problem: { status: 422, code: "invalid_content" },
    });
    expect(await noGoal.receipt).toMatchObject({ problem: { code: "goal_not_found" } });
    expect((await twice.receipt).outcome).toBe("stored");
    expect(await again.receipt).toMatchObject({ problem: { code: "goal_exists" } });
    expect(agent.stats()).toMatchObject({ sent: 4, rejected: 4, dropped: 0, queued: 0 });
    const codes = agent.rejectedLines().map(({ problem: { code } }) => code);
    expect(codes.toSorted()).toEqual([
      "goal_exists",
      "goal_not_found",
      "invalid_content",
      "invalid_content",
    ]);
    expect(agent.rejectedLines().find(({ record }) => record.id === bad.id)?.record).toMatchObject({
      type: "action",
      data: { n: 1 },
    });
  });

  it("is found by halving when the service doesn't say which it is", async () => {
    const isBad = ({ data }: Command) => "n" in data && [13, 14, 77].includes(data["n"] as number);
    const service = await startScriptedService((batch) =>
      batch.some(isBad) ? problem(422, "invalid_content") : "stored",
    );
    const agent = createAgent({ serviceUrl: service.url });
    range(0, 100).forEach((n) => agent.logAction({ type: "step", n }));
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(agent.stats()).toMatchObject({ sent: 97, rejected: 3 });
    const stored = service.batches.filter((batch) => !batch.some(isBad)).flat();
    expect(numbersOf(stored.map(({ data }) => data))).toEqual(
      range(0, 100).filter((n) => ![13, 14, 77].includes(n)),
    );
    expect(service.batches.length).toBeLessThan(60);
  });

  it("is made room for by smaller batches when something on the way finds the body too large", async () => {
    const service = await startScriptedService((batch) =>
      batch.length > 10 ? { status: 413, body: "<html>nginx</html>" } : "stored",
    );
    const agent = createAgent({ serviceUrl: service.url });
    range(0, 100).forEach((n) => agent.logAction({ type: "step", n }));
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(agent.stats()).toMatchObject({ sent: 100, rejected: 0 });
  });
});

describe("the session", () => {
  it("is created by the first batch, with what the agent was given", async () => {
    const service = shared.current;
    const sessionId = "made";
    const session = { userId: "ada", name: "nightly", labels: { team: "a" }, initial: { x: [1] } };
    const agent = createAgent({ serviceUrl: service.url, sessionId, session });
    agent.logAction({ type: "step" });
    await agent.flush({ timeoutMs: 10_000 });
    const { initial: _, ...expected } = session;
    expect(await service.metadata(sessionId)).toMatchObject(expected);
    expect((await service.events(sessionId)).map(({ type }) => type)).toEqual([
      "session_created",
      "action",
    ]);
  });

  it("is created without the options when those are refused", async () => {
    const service = shared.current;
    const sessionId = "made-plain";
    const session = { userId: "ada", unknown: true };
    const agent = createAgent({ serviceUrl: service.url, sessionId, session });
    agent.logAction({ type: "step", n: 0 });
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(numbersOf(await service.actions(sessionId))).toEqual([0]);
    expect(agent.rejectedLines().map(({ record }) => record.type)).toEqual(["session_created"]);
  });

  it("is opened again by what is logged after finalize", async () => {
    const service = shared.current;
    const sessionId = "reopened";
    const agent = createAgent({ serviceUrl: service.url, sessionId });
    agent.logAction({ type: "step", n: 0 });
    await agent.finalize({ status: "completed", outcome: "ok" }).receipt;
    expect((await service.metadata(sessionId)).status).toBe("completed");
    await agent.logAction({ type: "step", n: 1 }).receipt;
    expect((await service.metadata(sessionId)).status).toBe("active");
    expect(agent.stats().rejected).toBe(0);
  });

  it("of another user takes nothing: every record goes to rejected.jsonl, with one warning", async () => {
    const service = shared.current;
    const sessionId = "foreign";
    await service.post("/api/sessions", { sessionId, userId: "grace" });
    const agent = createAgent({ serviceUrl: service.url, sessionId, session: { userId: "ada" } });
    const logged = range(0, 10).map((n) => agent.logAction({ type: "step", n }));
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(await logged[9]?.receipt).toMatchObject({
      outcome: "rejected",
      problem: { code: "session_exists" },
    });
    expect(await agent.logAction({ type: "late" }).receipt).toMatchObject({ outcome: "rejected" });
    expect(await service.actions(sessionId)).toEqual([]);
    expect(agent.rejectedLines()).toHaveLength(12);
    expect(agent.warnings).toHaveLength(1);
  });
});

describe("what is no refusal", () => {
  it.each([
    ["a wrong token", problem(401, "unauthorized")],
    ["a token without the right", problem(403, "forbidden")],
    ["another server's 404", { status: 404, body: "<html>" }],
    ["another server's 200", { status: 200, body: { ok: true } }],
    ["a redirect", { status: 302, headers: { location: "/login" } }],
  ])("such as %s keeps the records, slowly tried again, and warns once", async (_, answer) => {
    let wrong = true;
    const service = await startScriptedService(() => (wrong ? answer : "stored"));
    const agent = createAgent({ serviceUrl: service.url, token: "k" });
    range(0, 10).forEach((n) => agent.logAction({ type: "step", n }));
    for (const attempt of [1, 2]) {
      expect(await agent.flush({ timeoutMs: 50 })).toBe(false);
      await expect.poll(() => agent.stats().retried).toBe(attempt);
    }
    expect(service.batches).toHaveLength(2);
    expect(service.headers[0]?.["authorization"]).toBe("Bearer k");
    expect(agent.stats()).toMatchObject({ queued: 10, rejected: 0, dropped: 0 });
    expect(agent.warnings).toHaveLength(1);

    wrong = false;
    expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
    expect(agent.stats()).toMatchObject({ sent: 10, lastError: null });
  });

  it.each([
    ["408", problem(408, "internal")],
    ["425", problem(425, "internal")],
    ["429", problem(429, "rate_limited")],
    ["500", problem(500, "internal")],
    ["503", problem(503, "overloaded")],
    ["507", problem(507, "storage_full")],
    ["a 409 that no record causes", { status: 409, body: "conflict" }],
  ])("such as %s is tried again until it works", async (_, answer) => {
    const service = await startScriptedService((_batch, request) =>
      request < 4 ? answer : "stored",
    );
    const agent = createAgent({ serviceUrl: service.url, limits: { retryMaxMs: 10 } });
    const logged = agent.logAction({ type: "step" });
    for (let flushed = false; !flushed;) flushed = await agent.flush({ timeoutMs: 100 });
    expect(await logged.receipt).toMatchObject({ outcome: "stored" });
    expect(agent.stats()).toMatchObject({ retried: 3, sent: 1, rejected: 0 });
  });

  it("waits as long as Retry-After says", async () => {
    const busy = { ...problem(503, "overloaded"), headers: { "retry-after": "1" } };
    const service = await startScriptedService((_, request) => (request === 1 ? busy : "stored"));
    const agent = createAgent({ serviceUrl: service.url });
    await agent.logAction({ type: "step" }).receipt;
    const [first = 0, second = 0] = service.times;
    expect(second - first).toBeGreaterThanOrEqual(1_000);
    expect(second - first).toBeLessThan(5_000);
  });
});
