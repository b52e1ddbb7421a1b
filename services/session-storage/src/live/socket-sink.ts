import { closeCodes } from "@sessions/contract";
import { WebSocket } from "ws";

import { controlText } from "./frame.ts";
import type { Sink } from "./sink.ts";

const batchDelayMs = 50;
const batchBytes = 65_536;

/** @param isBatched frames go as JSON arrays, every 50 ms or 64 KB, whichever comes first */
export function createSocketSink(socket: WebSocket, isBatched: boolean): Sink {
  let batch: string[] = [];
  let batched = 0;
  let timer: NodeJS.Timeout | undefined;
  /** Sends that the kernel has not taken yet. */
  let unsent = 0;
  let whenSent: (() => void)[] = [];

  function release(): void {
    for (const resolve of whenSent) resolve();
    whenSent = [];
  }

  function write(text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    unsent += 1;
    socket.send(text, () => {
      unsent -= 1;
      if (unsent === 0) release();
    });
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length > 0) write(`[${batch.join(",")}]`);
    batch = [];
    batched = 0;
  }

  socket.once("close", () => {
    clearTimeout(timer);
    release();
  });

  return {
    send(text) {
      if (!isBatched) return write(text);
      batch.push(text);
      batched += text.length;
      if (batched >= batchBytes) flush();
      else timer ??= setTimeout(flush, batchDelayMs);
    },
    bufferedBytes: () => socket.bufferedAmount + batched,
    async drained() {
      flush();
      if (unsent > 0 && socket.readyState === WebSocket.OPEN)
        await new Promise<void>((resolve) => whenSent.push(resolve));
    },
    isOpen: () => socket.readyState === WebSocket.OPEN,
    drain(retryAfterMs) {
      flush();
      write(controlText({ type: "draining", retryAfterMs }));
      socket.close(closeCodes.goingAway, "the service is shutting down");
    },
    closeAsSlow(cursor) {
      // One that does not even read this is cut off by `ws` after 30 s; nothing more is buffered for it.
      socket.close(closeCodes.tryAgainLater, `slow consumer, last cursor ${cursor}`);
    },
  };
}
