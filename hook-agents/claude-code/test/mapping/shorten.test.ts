import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { recordBytes, shorten } from "../../src/mapping/shorten.ts";
import { actionsOf, mapAll } from "../support/sequence.ts";

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("a record", () => {
  it("is left alone while it fits", () => {
    const value = { text: "x".repeat(100_000) };
    expect(shorten(value)).toEqual({ value, shortened: [] });
  });

  it.each([
    ["one text of 12 MB", { content: "x".repeat(12_000_000) }],
    ["characters of several bytes", { content: "äöü€😀".repeat(100_000) }],
    ["characters that JSON escapes", { content: '\n\u0001"'.repeat(200_000) }],
    ["many texts", { lines: Array.from({ length: 900 }, () => "y".repeat(2_000)) }],
    ["a million numbers", { numbers: Array.from({ length: 1_000_000 }, (_, index) => index) }],
    ["a thousand levels", JSON.parse("[".repeat(1_000) + "]".repeat(1_000))],
  ])("fits in the end: %s", (_name, input) => {
    const mapped = mapAll([
      { payload: { hook_event_name: "PostToolUse", tool_use_id: "t", tool_input: input } },
    ]);
    const [details] = actionsOf(mapped, "tool_use");
    expect(sizeOf(details)).toBeLessThan(recordBytes);
    expect(details?.["shortened"]).not.toHaveLength(0);
    expect(JSON.stringify(details)).not.toContain("\uFFFD");
  });

  it("tells where it was cut, how long that was and its hash", () => {
    const text = "z".repeat(400_000);
    const { value, shortened } = shorten({ input: { "a/b": [text] }, tool: "Write" });
    expect(shortened).toEqual([
      {
        field: "/input/a~1b/0",
        bytes: 400_000,
        sha256: createHash("sha256").update(text).digest("hex"),
      },
    ]);
    expect(value).toMatchObject({
      tool: "Write",
      input: { "a/b": [expect.stringMatching(/^z+…$/)] },
    });
  });
});
