import { describe, expect, it } from "vitest";

import type { Action, HookAgent, Logged } from "../src/api.ts";
import { createAgent, range } from "./support/agent.ts";
import { startService } from "./support/service.ts";

const circular: Record<string, unknown> = { type: "circular" };
circular["self"] = circular;
const throwing = {
  type: "throwing",
  get details(): never {
    throw new Error("no details");
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const nested = (levels: number) => range(0, levels).reduce<object>((inner) => ({ inner }), {});

const storable: [string, Action][] = [
  ["a circular value", circular as Action],
  ["a BigInt", { type: "x", n: 2n ** 80n }],
  ["a member that throws when read", throwing],
  ["an inner member that throws when read", { type: "x", throwing }],
  ["a toJSON that throws", { type: "x", inner: { toJSON: () => throwing.details } }],
  ["a revoked proxy inside", { type: "x", inner: revoked.proxy }],
  ["functions, symbols and undefined", { type: "x", f: () => {}, s: Symbol("s"), u: undefined }],
  ["100 levels", { type: "x", deep: nested(100) }],
  ["20,000 levels", { type: "x", deep: nested(20_000) }],
  ["5 MB of text", { type: "x", text: "x".repeat(5_000_000) }],
  ["5 MB of small members", { type: "x", list: range(0, 500_000).map((n) => ({ n })) }],
  ["lone surrogates and control characters", { type: "x", text: "\ud800\u0000\u2028" }],
  ["integers beyond 2^53", { type: "x", nanoseconds: Number(1_763_699_999_123_456_789n) }],
  ["NaN and infinity", { type: "x", numbers: [Number.NaN, Number.POSITIVE_INFINITY] }],
  ["an id that the service would refuse", { type: "x", id: 'a"b' }],
  ["an id that is no string", { type: "x", id: 7 as unknown as string }],
];

const unstorable: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a string", "task_start"],
  ["an array", [{ type: "x" }]],
  ["a revoked proxy", revoked.proxy],
];

function callsWith(agent: HookAgent, value: unknown): (() => Logged)[] {
  const any = value as never;
  return [
    () => agent.logAction(any),
    () => agent.logResponse(any),
    () => agent.updateState(any),
    () => agent.addGoal(any),
    () => agent.updateGoal("g", any),
    () => agent.spawnAgent(any),
    () => agent.updateMetadata(any),
  ];
}

describe("hostile input never throws", () => {
  it("and whatever can be told of it is stored", async () => {
    const service = await startService();
    const agent = createAgent({ serviceUrl: service.url });
    const logged = storable.map(([, action]) => agent.logAction(action));
    const outcomes = await Promise.all(logged.map(async ({ receipt }) => (await receipt).outcome));
    const named = storable.map(([name], index) => [name, outcomes[index]]);
    expect(named).toEqual(storable.map(([name]) => [name, "stored"]));
    expect(agent.stats()).toMatchObject({ sent: storable.length, rejected: 0, shortened: 2 });
  });

  it.each(unstorable)("and %s is counted and told", async (_, value) => {
    const agent = createAgent({ serviceUrl: "http://127.0.0.1:9" });
    const calls = callsWith(agent, value);
    for (const call of calls)
      expect(await call().receipt).toEqual({ outcome: "dropped", reason: "invalid" });
    expect(agent.stats()).toMatchObject({ dropped: calls.length, queued: 0 });
    expect(agent.warnings).toHaveLength(1);
  });

  it.each([
    ["null", null],
    ["a number", 7],
    ["an id that is no string", { id: 7 }],
    ["an id that the service would refuse", { id: 'a"b' }],
    ["a revoked proxy", revoked.proxy],
  ])("and a call with %s for its options is taken", (_, options) => {
    const agent = createAgent({ serviceUrl: "http://127.0.0.1:9" });
    const { id } = agent.logAction({ type: "x" }, options as never);
    expect(id).toMatch(/^[\da-f-]{36}$/);
    agent.finalize({}, options as never);
    expect(agent.stats()).toMatchObject({ queued: 2, dropped: 0 });
  });

  it.each([
    ["a log that throws", { log: { warn: () => throwing.details } }],
    ["an address that is none", { serviceUrl: "not a url" }],
    ["a session id that leads elsewhere", { sessionId: "../../escape" }],
    ["an impossible spool directory", { spoolDirectory: "/dev/null/spool" }],
  ])("nor does %s", async (_, options) => {
    const agent = createAgent({ serviceUrl: "http://127.0.0.1:9", ...options });
    for (const call of callsWith(agent, undefined)) expect(() => call()).not.toThrow();
    agent.logAction({ type: "x" });
    expect(await agent.flush({ timeoutMs: 10 })).toBe(!agent.stats().enabled);
  });
});
