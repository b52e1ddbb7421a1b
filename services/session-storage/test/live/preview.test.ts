import { limits } from "@sessions/contract";
import fc from "fast-check";
import { expect, it } from "vitest";

import { previewOf } from "../../src/live/preview.ts";

it("brings any record under the limit, and keeps what every record has", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.integer({ min: 1, max: 3_000 }),
      (value, times) => {
        const record = {
          seq: 7,
          timestamp: "t",
          type: "x",
          many: Array(times).fill(value),
          text: "\u{1f600}".repeat(times * 9),
        };

        for (const maxBytes of [limits.previewBytes, limits.entryPreviewBytes]) {
          const preview = previewOf(JSON.stringify(record), maxBytes);

          expect(Buffer.byteLength(preview)).toBeLessThanOrEqual(maxBytes);
          expect(JSON.parse(preview)).toMatchObject({ seq: 7, timestamp: "t", type: "x" });
        }
      },
    ),
    { numRuns: 50 },
  );
});

it("says how much of a text it left out", () => {
  const { text } = JSON.parse(
    previewOf(JSON.stringify({ text: "x".repeat(20_000) }), limits.previewBytes),
  );

  expect(text).toBe(`${"x".repeat(2_000)}… 18000 more characters`);
});
