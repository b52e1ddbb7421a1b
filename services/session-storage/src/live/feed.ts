import { type FeedScope, limits } from "@sessions/contract";

import { type EventFrame, controlText } from "./frame.ts";
import type { Sink } from "./sink.ts";

/** What a feed needs to know about its scope; offsets for a session, positions for `*`. */
export interface FeedSource {
  readonly scope: FeedScope;
  /** The cursor of the last durable event. Synchronous: what comes after it is given to `push`. */
  head(): number;
  /** The first cursor that can still be read. */
  earliest(): number;
  /** Frames after a cursor, up to a head not older than the one at the call. */
  read(after: number): AsyncIterable<readonly EventFrame[]>;
  cursorOf(frame: EventFrame): number;
  /** Frames that this subscriber is to see. */
  accepts(frame: EventFrame): boolean;
  /** How it is to see them. */
  textOf(frame: EventFrame): string;
}

export interface Feed {
  readonly scope: FeedScope;
  /** Called for each durable event of the scope, in order. */
  push(frame: EventFrame): void;
  close(): void;
}

/** Catching up waits while this much is on its way to the client, bytes. */
const catchUpBytes = 262_144;

/**
 * One subscriber's view of one scope: everything after its cursor once and in order, from the disk
 * until it has caught up, then as it happens. What can't be sent is told as a gap.
 * @param after undefined: only what happens from now on
 */
export function startFeed(
  source: FeedSource,
  sink: Sink,
  after: number | undefined,
  failed: (error: unknown) => void,
): Feed {
  const { scope } = source;
  let cursor = after ?? source.head();
  let isLive = false;
  let isClosed = false;

  const isOver = () => isClosed || !sink.isOpen();

  function gap(from: number, to: number, reason: "trimmed" | "unknown_cursor" | "damaged"): void {
    sink.send(controlText({ type: "gap", scope, from, to, reason }));
  }

  function send(frame: EventFrame): void {
    const at = source.cursorOf(frame);
    // Its places before that were sent, or asked for, in its first life.
    if (frame.type === "session_restored" && scope !== "*") cursor = Math.max(cursor, at - 1);
    if (at > cursor + 1) gap(cursor + 1, at - 1, "damaged");
    cursor = at;
    if (source.accepts(frame)) sink.send(source.textOf(frame), at);
  }

  async function catchUp(): Promise<void> {
    const head = source.head();
    if (cursor > head) {
      gap(head + 1, cursor, "unknown_cursor");
      cursor = head;
    }
    const earliest = source.earliest();
    if (cursor < earliest - 1) {
      gap(cursor + 1, earliest - 1, "trimmed");
      cursor = earliest - 1;
    }
    while (cursor < source.head()) {
      const target = source.head();
      for await (const frames of source.read(cursor)) {
        for (const frame of frames) send(frame);
        if (sink.bufferedBytes() > catchUpBytes) await sink.drained();
        if (isOver()) return;
      }
      if (cursor < target) {
        gap(cursor + 1, target, "damaged");
        cursor = target;
      }
    }
    // No await between the last look at the head and this: nothing can come in between.
    isLive = true;
    sink.send(controlText({ type: "caught_up", scope, cursor }), cursor);
  }

  catchUp().catch(failed);

  return {
    scope,
    push(frame) {
      if (isLive && !isOver()) {
        send(frame);
        if (sink.bufferedBytes() > limits.slowConsumerBytes) sink.closeAsSlow(cursor);
      }
      // The next life of this id counts from 1 again.
      if (frame.type === "session_deleted" && scope !== "*") cursor = 0;
    },
    close() {
      isClosed = true;
    },
  };
}
