import type { ComponentChildren } from "preact";

import type { SessionDetail } from "../core/api.ts";
import { now } from "../core/clock.ts";
import { formatCost, formatCount } from "../core/format.ts";
import { plainLine } from "../core/plain.ts";
import { wordsOf } from "../core/reasons.ts";
import { fleetHash, sessionHash } from "../core/route.ts";
import { statusOf } from "../core/status.ts";
import { contextShare, tokensOf } from "../fleet/session-row.tsx";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Ago, Elapsed } from "../ui/time.tsx";
import { SessionActions } from "./session-actions.tsx";

export function SessionHeader({ detail }: { detail: SessionDetail }) {
  const { session } = detail;
  const { activity, labels, counts } = session;
  const status = statusOf(session, now.value);
  const isOver = session.status !== "active";
  const started = Date.parse(session.createdAt);
  const share = contextShare(session);
  const otherLabels = Object.entries(labels).filter(([name]) => name !== "host");
  return (
    <header class="session-head">
      <div class="session-title">
        <h1>{plainLine(session.name ?? session.sessionId, 200)}</h1>
        <StatusBadge status={status} />
        {activity.status === "waiting" && activity.waiting !== null && (
          <span class="attention-why">
            {wordsOf(activity.waiting.reason)} <b>{plainLine(activity.waiting.tool ?? "")}</b>{" "}
            <code>{plainLine(activity.waiting.detail ?? "")}</code>
          </span>
        )}
        {activity.status !== "waiting" && activity.reason !== null && (
          <span class="quiet">{wordsOf(activity.reason)}</span>
        )}
      </div>
      <dl class="facts">
        <Fact name="id">{session.sessionId}</Fact>
        {labels["host"] !== undefined && (
          <Fact name="host">
            <a href={fleetHash({ label: `host:${labels["host"]}` })}>{plainLine(labels["host"])}</a>
          </Fact>
        )}
        {session.lease !== null && (
          <Fact name="written by">
            {plainLine(session.lease.owner, 120)}, epoch {session.lease.epoch}
          </Fact>
        )}
        {session.userId !== null && (
          <Fact name="user">
            <a href={fleetHash({ user: session.userId })}>{plainLine(session.userId)}</a>
          </Fact>
        )}
        {session.model !== null && <Fact name="model">{plainLine(session.model)}</Fact>}
        <Fact name="started">
          <Ago at={started} after="ago" />
        </Fact>
        <Fact name={isOver ? "ended" : "open for"}>
          {isOver ? (
            <Ago at={Date.parse(session.finalizedAt ?? "")} after="ago" />
          ) : (
            <Elapsed since={started} />
          )}
        </Fact>
        {activity.phase !== null && <Fact name="phase">{plainLine(activity.phase)}</Fact>}
        {activity.usage !== null && (
          <Fact name="tokens">{formatCount(tokensOf(activity.usage))}</Fact>
        )}
        {activity.usage?.costUsd != null && (
          <Fact name="cost">{formatCost(activity.usage.costUsd)}</Fact>
        )}
        {share !== undefined && (
          <Fact name="context">
            <meter
              min={0}
              max={activity.usage?.contextWindow ?? 1}
              value={activity.usage?.contextTokens ?? 0}
              aria-label="Context window in use"
            />{" "}
            {share}
          </Fact>
        )}
        <Fact name="events">{formatCount(session.offset)}</Fact>
        {counts.goals > 0 && (
          <Fact name="goals">
            {counts.goalsCompleted}/{counts.goals}
          </Fact>
        )}
        {session.parentSession !== null && (
          <Fact name="inside">
            <a href={sessionHash(session.parentSession)}>{session.parentSession}</a>
          </Fact>
        )}
        {otherLabels.length + session.tags.length > 0 && (
          <Fact name="labels">
            {otherLabels.map(([name, value]) => (
              <a class="label" href={fleetHash({ label: `${name}:${value}` })} key={name}>
                {plainLine(`${name}: ${value}`, 80)}
              </a>
            ))}
            {session.tags.map((tag) => (
              <span class="label" key={tag}>
                {plainLine(tag, 80)}
              </span>
            ))}
          </Fact>
        )}
      </dl>
      <SessionActions detail={detail} />
    </header>
  );
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
