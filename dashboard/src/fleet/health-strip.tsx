import type { Spent } from "@sessions/contract";

import { formatBytes, formatCost, formatCount } from "../core/format.ts";
import { param, setParams } from "../core/route.ts";
import { type ShownStatus, statusWords } from "../core/status.ts";
import type { FleetSummary } from "../core/wire.ts";
import { StatusIcon } from "../ui/icon.tsx";
import { tokensOf } from "./session-row.tsx";

const chips: readonly ShownStatus[] = [
  "waiting",
  "failed",
  "no_heartbeat",
  "running",
  "idle",
  "stopped",
  "completed",
];

export interface HealthStripProps {
  counts: Readonly<Record<ShownStatus, number>>;
  /** Of those sessions that the filters leave, when there are any. */
  matching: Readonly<Record<ShownStatus, number>> | undefined;
  summary: FleetSummary | null;
}

/** The answer within two seconds; each count is also the filter that shows who is meant. */
export function HealthStrip({ counts, matching, summary }: HealthStripProps) {
  const chosen = param("status");
  return (
    <section class="strip" aria-label="Fleet at a glance">
      <ul class="strip-counts">
        {chips.map((status) => (
          <li key={status}>
            <button
              type="button"
              class={`chip is-${status}${counts[status] === 0 ? " is-zero" : ""}`}
              aria-pressed={chosen === status}
              onClick={() => setParams({ status: chosen === status ? "" : status })}
            >
              <StatusIcon status={status} />
              <b class="number">
                {matching && `${formatCount(matching[status])} of `}
                {formatCount(counts[status])}
              </b>{" "}
              {statusWords[status]}
            </button>
          </li>
        ))}
      </ul>
      {summary !== null && (
        <dl class="strip-facts">
          <Fact name="events/s" value={formatCount(summary.eventsPerSecond)} />
          <Fact
            name="cost today"
            value={costOf(summary.today)}
            title={`Since 00:00 UTC; in all ${costOf(summary.usage)}`}
          />
          <Fact
            name="tokens today"
            value={formatCount(tokensOf(summary.today))}
            title={`Since 00:00 UTC; in all ${formatCount(tokensOf(summary.usage))}`}
          />
          <Fact name="disk free" value={formatBytes(summary.disk.freeBytes)} />
        </dl>
      )}
    </section>
  );
}

const costOf = ({ costUsd }: Spent) => (costUsd === null ? "–" : formatCost(costUsd));

const Fact = ({ name, value, title }: { name: string; value: string; title?: string }) => (
  <div title={title}>
    <dt>{name}</dt>
    <dd class="number">{value}</dd>
  </div>
);
