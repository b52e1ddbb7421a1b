import type { ServerResponse } from "node:http";

import { drained } from "../live/drained.ts";
import { sendText } from "./send.ts";

/** An answer up to this size goes out whole, with its length; a larger one as it is read. UTF-16 code units. */
const wholeLength = 262_144;

/** Sends pieces of text as one answer, no faster than the client takes them and never all in memory. */
export async function sendPieces(
  res: ServerResponse,
  contentType: string,
  pieces: AsyncIterable<string>,
): Promise<void> {
  let held = "";
  for await (const piece of pieces) {
    if (res.destroyed) return;
    held += piece;
    if (held.length < wholeLength) continue;
    if (!res.headersSent)
      res.writeHead(200, {
        "content-type": contentType,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
      });
    if (!res.write(held)) await drained(res);
    held = "";
  }
  if (res.headersSent) res.end(held);
  else sendText(res, 200, held, { "content-type": contentType });
}

/** JSON texts as the elements of one JSON array. */
export async function* arrayOf(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  let before = "[";
  for await (const texts of batches) {
    if (texts.length === 0) continue;
    yield before + texts.join(",");
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

export async function* linesOf(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const texts of batches) if (texts.length > 0) yield `${texts.join("\n")}\n`;
}
