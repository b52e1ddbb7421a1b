import type { ServerResponse } from "node:http";

import { contentTypes } from "@sessions/contract";

import { drained } from "./drained.ts";
import { controlText } from "./frame.ts";
import type { Sink } from "./sink.ts";

const heartbeatMs = 10_000;

/** Server-sent events (WHATWG HTML, 9.2): a frame is a `data:` line, its cursor the `id:`. */
export function openEventStream(res: ServerResponse): Sink {
  res.writeHead(200, {
    "content-type": contentTypes.eventStream,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no",
  });
  res.write(": listening\n\n");
  const heartbeat = setInterval(() => res.write(": heartbeat\n\n"), heartbeatMs).unref();
  res.on("close", () => clearInterval(heartbeat));

  return {
    send(text, cursor) {
      res.write(cursor === undefined ? `data: ${text}\n\n` : `id: ${cursor}\ndata: ${text}\n\n`);
    },
    bufferedBytes: () => res.writableLength,
    drained: () => drained(res),
    isOpen: () => !res.writableEnded && !res.destroyed,
    drain(retryAfterMs) {
      const text = controlText({ type: "draining", retryAfterMs });
      res.end(`retry: ${retryAfterMs}\ndata: ${text}\n\n`);
    },
    closeAsSlow(cursor) {
      res.end(`: slow consumer, last cursor ${cursor}\n\n`);
    },
  };
}
