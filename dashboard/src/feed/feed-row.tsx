import { formatDuration } from "../core/format.ts";
import { sessionHash } from "../core/route.ts";
import { Clock } from "../ui/time.tsx";
import type { Outcome, Row, RowKind } from "./row.ts";

export const kindWords: Readonly<Record<RowKind, string>> = {
  tool: "tool",
  prompt: "prompt",
  response: "response",
  waiting: "waiting",
  state: "state",
  goal: "goal",
  agent: "agent",
  session: "session",
  action: "action",
  transcript: "transcript",
};

const outcomeWords: Readonly<Record<Outcome, string>> = {
  running: "▷ running",
  succeeded: "✓ ok",
  failed: "✕ failed",
  denied: "✕ denied",
  interrupted: "□ stopped",
};

export interface FeedRowProps {
  row: Row;
  index: number;
  isSelected: boolean;
  showsSession: boolean;
  open(index: number): void;
}

export function FeedRow({ row, index, isSelected, showsSession, open }: FeedRowProps) {
  const { outcome, durationMs } = row;
  return (
    <div
      class={`row feed-row${showsSession ? " has-session" : ""}${isSelected ? " is-selected" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={() => open(index)}
    >
      <span role="cell" class="cell-time number">
        <Clock at={row.at} />
      </span>
      {showsSession && (
        <span role="cell" class="cell-session">
          <a href={sessionHash(row.sessionId)}>{row.sessionId}</a>
        </span>
      )}
      <span role="cell" class={`cell-kind kind-${row.kind}`}>
        {kindWords[row.kind]}
      </span>
      <span role="cell" class="cell-what">
        <b>{row.title}</b> <bdi>{row.detail}</bdi>
      </span>
      <span role="cell" class={`cell-outcome outcome-${outcome ?? "none"}`}>
        {outcome !== null && outcomeWords[outcome]}
      </span>
      <span role="cell" class="cell-duration number">
        {durationMs !== null && formatDuration(durationMs)}
      </span>
    </div>
  );
}
