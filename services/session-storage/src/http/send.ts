import type { ServerResponse } from "node:http";

import { contentTypes } from "@sessions/contract";

/** Express's own `json()` adds an ETag and a charset that nobody asks for, at a third of the time of an append. */
export function sendJson(
  res: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string | number> = {},
): void {
  sendText(res, status, JSON.stringify(value), { "content-type": contentTypes.json, ...headers });
}

export function sendText(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string | number>,
): void {
  res
    .writeHead(status, {
      ...headers,
      "content-length": Buffer.byteLength(text),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    })
    .end(text);
}
