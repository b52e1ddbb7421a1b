import { describe, expect, it } from "vitest";

import { commandOf, parseExport } from "../src/connect/commands-of.ts";

const line = (type: string, data: object) =>
  JSON.stringify({
    type,
    data,
    sessionId: "s",
    offset: 1,
    position: 1,
    timestamp: "2026-01-01T00:00:00Z",
  });

describe("an exported file", () => {
  it("becomes the commands that lead to the same events, without what the service assigns", () => {
    const [record] = parseExport(line("action", { seq: 3, type: "x", details: { a: 1 } }));
    expect(record && commandOf(record)).toEqual({
      type: "action",
      data: { type: "x", details: { a: 1 } },
    });
    const [goal] = parseExport(
      line("goal_added", {
        version: 2,
        goal: { goalId: "g", id: "g", description: "d", createdAt: "t" },
      }),
    );
    expect(goal && commandOf(goal)).toEqual({
      type: "goal_added",
      data: { goalId: "g", id: "g", description: "d" },
    });
  });

  it("brings a transcript back, but for what was deleted of it, and nobody's lease", () => {
    const place = { projectKey: "p", subpath: null };
    const lines = [
      line("transcript_entry", { ...place, seq: 1, entry: { uuid: "u" } }),
      line("transcript_entry", { ...place, seq: 2, entry: null }),
      line("lease_acquired", { owner: "host", epoch: 1 }),
    ];
    expect(parseExport(lines.join("\n")).map(commandOf)).toEqual([
      { type: "transcript_entry", data: { ...place, entry: { uuid: "u" } } },
      undefined,
      undefined,
    ]);
  });

  it.each([
    ["is empty", "\n", /no events/],
    ["is something else", `${line("action", {})}\nhello`, /line 2/],
    ["holds JSON of another kind", '{"a":1}', /line 1/],
  ])("is refused with a sentence when it %s", (_name, text, message) => {
    expect(() => parseExport(text)).toThrowError(message);
  });
});
