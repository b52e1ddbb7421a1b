import { useState } from "preact/hooks";

import { now } from "../core/clock.ts";
import { plainLine } from "../core/plain.ts";
import { wordsOf } from "../core/reasons.ts";
import { sessionHash } from "../core/route.ts";
import { statusOf } from "../core/status.ts";
import type { Session } from "../core/wire.ts";
import { isNarrow } from "../ui/narrow.ts";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Elapsed } from "../ui/time.tsx";

/** What fits beside the table; a person can't answer more at once either. */
const shownAtFirst = 5;
const shownAtFirstNarrow = 3;
const shownAtMost = 200;

export function AttentionQueue({ queue }: { queue: readonly Session[] }) {
  const [isWhole, setWhole] = useState(false);
  if (queue.length === 0)
    return (
      <section class="attention" aria-label="Needs attention">
        <p class="quiet">Nobody waits for you, nothing failed, nobody is silent.</p>
      </section>
    );
  const few = isNarrow.value ? shownAtFirstNarrow : shownAtFirst;
  const shown = queue.slice(0, isWhole ? shownAtMost : few);
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
      {queue.length > few && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole
            ? "Show fewer"
            : queue.length > shownAtMost
              ? `Show ${shownAtMost}`
              : `Show all ${queue.length}`}
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

function why(session: Session) {
  const { waiting, doing, reason } = session.activity;
  const said = waiting?.reason ?? reason ?? "";
  const tool = waiting === null ? doing?.tool : waiting.tool;
  const detail = waiting === null ? doing?.detail : waiting.detail;
  return (
    <>
      {wordsOf(said)} {tool && <b>{plainLine(tool, 60)}</b>}{" "}
      {detail && <code>{plainLine(detail)}</code>}
    </>
  );
}
