import type { ServerResponse } from "node:http";

import { contentTypes } from "@sessions/contract";

import { drained } from "../live/drained.ts";

/** Writes NDJSON as it is read, no faster than the client takes it. */
export async function streamLines(
  res: ServerResponse,
  batches: AsyncIterable<readonly string[]>,
): Promise<void> {
  let hasBegun = false;
  for await (const lines of batches) {
    if (res.destroyed) return;
    if (!hasBegun) begin(res);
    hasBegun = true;
    if (lines.length > 0 && !res.write(`${lines.join("\n")}\n`)) await drained(res);
  }
  if (!hasBegun) begin(res);
  res.end();
}

function begin(res: ServerResponse): void {
  res.writeHead(200, {
    "content-type": contentTypes.ndjson,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
}
