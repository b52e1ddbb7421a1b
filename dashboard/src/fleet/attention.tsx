import { useState } from "preact/hooks";

import { now } from "../core/clock.ts";
import { plainLine } from "../core/plain.ts";
import { sessionHash } from "../core/route.ts";
import { statusOf, wantsAttention } from "../core/status.ts";
import type { Session } from "../core/wire.ts";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Elapsed } from "../ui/time.tsx";

const shownAtFirst = 5;

/** Who waits comes first, the longest at the top. */
export function attentionOf(
  sessions: ReadonlyMap<string, Session>,
  named: readonly Session[],
  nowMs: number,
): Session[] {
  const known = new Map(named.map((session) => [session.sessionId, session]));
  for (const [sessionId, session] of sessions) known.set(sessionId, session);
  const rank = (session: Session) => (statusOf(session, nowMs) === "waiting" ? 0 : 1);
  return [...known.values()]
    .filter((session) => wantsAttention(session, nowMs))
    .sort((a, b) => rank(a) - rank(b) || a.activity.since.localeCompare(b.activity.since));
}

export function AttentionQueue({ queue }: { queue: readonly Session[] }) {
  const [isWhole, setWhole] = useState(false);
  if (queue.length === 0)
    return (
      <section class="attention" aria-label="Needs attention">
        <p class="quiet">Nobody waits for you, nothing failed.</p>
      </section>
    );
  const shown = isWhole ? queue : queue.slice(0, shownAtFirst);
  return (
    <section class="attention" aria-labelledby="attention-title">
      <h2 id="attention-title">
        Needs attention <span class="number">{queue.length}</span>
      </h2>
      <ol>
        {shown.map((session) => (
          <AttentionItem session={session} key={session.sessionId} />
        ))}
      </ol>
      {queue.length > shownAtFirst && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${queue.length}`}
        </button>
      )}
    </section>
  );
}

function AttentionItem({ session }: { session: Session }) {
  const { activity, sessionId, name } = session;
  const status = statusOf(session, now.value);
  const since = status === "no_heartbeat" ? session.lastActivityAt : activity.since;
  return (
    <li class={`attention-item is-${status}`}>
      <StatusBadge status={status} />
      <a href={sessionHash(sessionId)}>{plainLine(name ?? sessionId, 120)}</a>
      <span class="attention-why">{why(session)}</span>
      <Elapsed since={Date.parse(since)} />
    </li>
  );
}

const reasons: Readonly<Record<string, string>> = {
  permission_request: "asks permission",
  permission_prompt: "asks permission",
  worker_permission_prompt: "asks permission",
  agent_needs_input: "needs input",
  elicitation_dialog: "asks a question",
  idle_prompt: "waits for a prompt",
  server_error: "the model could not be reached",
  process_gone: "its process is gone",
};

function why(session: Session) {
  const { waiting, doing, reason } = session.activity;
  const isWaiting = statusOf(session, now.value) === "waiting";
  const said = (isWaiting && waiting?.reason) || reason || "";
  const tool = isWaiting ? waiting?.tool : doing?.tool;
  const detail = isWaiting ? waiting?.detail : doing?.detail;
  return (
    <>
      {plainLine(reasons[said] ?? said.replaceAll("_", " "), 80)}{" "}
      {tool && <b>{plainLine(tool, 60)}</b>} {detail && <code>{plainLine(detail)}</code>}
    </>
  );
}
