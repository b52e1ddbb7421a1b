import { sessionIdSchema } from "@sessions/contract";

import type { SessionEvent } from "../../src/domain/event.ts";

const sessionId = sessionIdSchema.parse("s-1");

export function action(offset: number, details: unknown = offset, id?: string): SessionEvent {
  const timestamp = "2026-01-02T03:04:05.678Z";
  const data = { seq: offset, timestamp, type: "step", details };
  return {
    sessionId,
    offset,
    type: "action",
    ...(id === undefined ? {} : { id }),
    timestamp,
    data,
    json: JSON.stringify(data),
  };
}

export function actions(from: number, to: number): SessionEvent[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => action(from + index));
}
