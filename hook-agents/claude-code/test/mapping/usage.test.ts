import { describe, expect, it } from "vitest";

import { countUsage, noTokens, noUsage, type TranscriptEntry } from "../../src/mapping/usage.ts";
import { type Hook, mapAll } from "../support/sequence.ts";

const tokens = (inputTokens: number, outputTokens: number) => ({
  ...noTokens(),
  inputTokens,
  outputTokens,
});
const entry = (messageId: string, input: number, output: number, agentId?: string) =>
  ({
    messageId,
    model: "m1",
    tokens: tokens(input, output),
    ...(agentId !== undefined && { agentId }),
  }) satisfies TranscriptEntry;

describe("usage", () => {
  it("counts a message once, whatever number of lines it has", () => {
    const usage = noUsage();
    countUsage(usage, [entry("a", 10, 5), entry("a", 10, 5)]);
    expect(countUsage(usage, [entry("a", 10, 5)])).toBe(false);
    expect(usage.total).toEqual(tokens(10, 5));
  });

  it("takes the later line of a message where it knows more", () => {
    const usage = noUsage();
    expect(countUsage(usage, [entry("a", 10, 1), entry("a", 10, 7)])).toBe(true);
    expect(usage.total).toEqual(tokens(10, 7));
  });

  it("keeps totals by model and by subagent, and the turn of the main agent", () => {
    const usage = noUsage();
    countUsage(usage, [entry("a", 10, 5), { ...entry("b", 3, 2, "sub"), model: "m2" }]);
    expect(usage).toMatchObject({
      total: tokens(13, 7),
      byModel: { m1: tokens(10, 5), m2: tokens(3, 2) },
      byAgent: { sub: tokens(3, 2) },
      turn: tokens(10, 5),
    });
  });

  it("stands on each response for its own turn, and in the state in all", () => {
    const stop = (...transcript: TranscriptEntry[]): Hook => ({
      payload: { hook_event_name: "Stop", last_assistant_message: "ok" },
      transcript,
    });
    const { commands } = mapAll([stop(entry("a", 10, 5)), stop(entry("b", 20, 6))]);
    expect(
      commands.flatMap(({ type, data }) => (type === "response" ? [data["usage"]] : [])),
    ).toEqual([tokens(10, 5), tokens(20, 6)]);
    expect(commands.findLast(({ type }) => type === "state_updated")).toMatchObject({
      data: { patch: { usage: { ...tokens(30, 11), byModel: { m1: tokens(30, 11) } } } },
    });
  });

  it("tells the model once it is known", () => {
    const hook = (transcript: TranscriptEntry[]): Hook => ({
      payload: { hook_event_name: "PostToolBatch", tool_calls: [] },
      transcript,
    });
    const { timeline } = mapAll([hook([entry("a", 1, 1)]), hook([entry("b", 1, 1)])]);
    expect(timeline.filter((line) => line.startsWith("meta"))).toEqual(['metadata {"model":"m1"}']);
  });
});
