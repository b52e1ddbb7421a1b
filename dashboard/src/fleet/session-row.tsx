import type { Spent } from "@sessions/contract";

import { now } from "../core/clock.ts";
import { formatCost, formatCount } from "../core/format.ts";
import { plainLine } from "../core/plain.ts";
import { wordsOf } from "../core/reasons.ts";
import { goTo, sessionHash } from "../core/route.ts";
import { statusOf } from "../core/status.ts";
import type { Session } from "../core/wire.ts";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Ago, Elapsed } from "../ui/time.tsx";

export const sessionColumns = [
  "Status",
  "Session",
  "Phase",
  "Doing now",
  "Last sign",
  "Context",
  "Tokens",
  "Cost",
  "Goals",
] as const;

export interface SessionRowProps {
  session: Session;
  index: number;
  isSelected: boolean;
}

export function SessionRow({ session, index, isSelected }: SessionRowProps) {
  const { activity, counts } = session;
  const status = statusOf(session, now.value);
  const hash = sessionHash(session.sessionId);
  return (
    <div
      class={`row session-row${isSelected ? " is-selected" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      onClick={(event) => {
        // A link or a selection of text keeps its own meaning.
        if ((event.target as Element).closest("a") || String(getSelection()) !== "") return;
        goTo(hash);
      }}
    >
      <span role="cell" class="cell-status">
        <StatusBadge status={status} />
      </span>
      <span role="cell" class="cell-name">
        <a href={hash} title={session.sessionId}>
          {plainLine(session.name ?? session.sessionId, 120)}
        </a>
      </span>
      <span role="cell" class="cell-wide quiet">
        {plainLine(activity.phase ?? "", 40)}
      </span>
      <span role="cell" class="cell-doing">
        <Doing session={session} />
      </span>
      <span role="cell" class="cell-sign number">
        <Ago at={lastSign(session)} />
      </span>
      <span role="cell" class="cell-wide number">
        {contextShare(session) ?? "–"}
      </span>
      <span role="cell" class="cell-wide number">
        {activity.usage === null ? "–" : formatCount(tokensOf(activity.usage))}
      </span>
      <span role="cell" class="cell-wide number">
        {activity.usage?.costUsd == null ? "–" : formatCost(activity.usage.costUsd)}
      </span>
      <span role="cell" class="cell-wide number">
        {counts.goals === 0 ? "–" : `${counts.goalsCompleted}/${counts.goals}`}
      </span>
    </div>
  );
}

function Doing({ session: { activity } }: { session: Session }) {
  const { doing, waiting, status, reason } = activity;
  if (status === "waiting" && waiting !== null)
    return (
      <>
        {wordsOf(waiting.reason)} <b>{plainLine(waiting.tool ?? "", 60)}</b>{" "}
        {plainLine(waiting.detail ?? "")}
      </>
    );
  if (doing === null || (status !== "running" && status !== "waiting"))
    return <span class="quiet">{wordsOf(reason ?? "")}</span>;
  return (
    <>
      <b>{plainLine(doing.tool, 60)}</b> {plainLine(doing.detail ?? "")}{" "}
      {doing.since !== null && <Elapsed since={Date.parse(doing.since)} />}
    </>
  );
}

/** ms since 1970 */
function lastSign({ activity: { heartbeatAt }, lastActivityAt }: Session): number {
  const last = Date.parse(lastActivityAt);
  const heartbeat = Date.parse(heartbeatAt ?? "");
  return Number.isNaN(heartbeat) ? last : Math.max(heartbeat, last);
}

export function tokensOf(spent: Spent): number {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheCreationInputTokens } = spent;
  return inputTokens + outputTokens + cacheReadInputTokens + cacheCreationInputTokens;
}

/** How full the model's context is; undefined when nobody told. */
export function contextShare({ activity: { usage } }: Session): string | undefined {
  if (usage === null || usage.contextTokens === null || !usage.contextWindow) return undefined;
  return `${Math.round((usage.contextTokens / usage.contextWindow) * 100)}%`;
}
