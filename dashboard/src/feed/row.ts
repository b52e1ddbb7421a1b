import { type Members, textOf, timeOf } from "../core/guards.ts";
import { plainLine } from "../core/plain.ts";
import type { Event } from "../core/wire.ts";

export const rowKinds = [
  "tool",
  "prompt",
  "response",
  "waiting",
  "state",
  "goal",
  "agent",
  "session",
  "action",
  "transcript",
] as const;
export type RowKind = (typeof rowKinds)[number];
export type Outcome = "running" | "succeeded" | "failed" | "denied" | "interrupted";

/** One line of a feed: small, so that 100,000 of them fit. The event itself is asked for when somebody looks. */
export interface Row {
  readonly position: number;
  /** Of the event that tells most: the end of a tool call. */
  offset: number;
  readonly sessionId: string;
  /** ms since 1970 */
  readonly at: number;
  readonly kind: RowKind;
  title: string;
  detail: string;
  outcome: Outcome | null;
  durationMs: number | null;
  /** `at` is when the call began, not when it ended. */
  isBegun: boolean;
  readonly agentId: string | null;
}

const summaryMembers = [
  "description",
  "command",
  "file_path",
  "path",
  "pattern",
  "url",
  "query",
  "prompt",
];

/** What a call is about: its command, its file, its question. */
export function summaryOf(input: Members): string | undefined {
  const texts = summaryMembers.map((name) => textOf(input, name));
  return texts.find((text) => text !== undefined && text !== "");
}

export function rowOf(
  event: Event,
  kind: RowKind,
  title: string,
  detail: string,
  agentId?: string,
): Row {
  return {
    position: event.position,
    offset: event.offset,
    sessionId: event.sessionId,
    at: timeOf(event.data, "timestamp") ?? timeOf(event, "timestamp") ?? 0,
    kind,
    title: plainLine(title, 60),
    detail: plainLine(detail),
    outcome: null,
    durationMs: null,
    isBegun: false,
    agentId: agentId ?? null,
  };
}
