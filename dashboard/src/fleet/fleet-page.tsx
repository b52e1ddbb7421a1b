import { useEffect } from "preact/hooks";

import { ConnectPage } from "../connect/connect-page.tsx";
import { now } from "../core/clock.ts";
import { useApp } from "../core/context.ts";
import { param } from "../core/route.ts";
import { Problem, Skeleton } from "../ui/message.tsx";
import { ActiveFilters } from "./active-filters.tsx";
import { attentionOf } from "./attention-order.ts";
import { AttentionQueue } from "./attention.tsx";
import { Filters } from "./filters.tsx";
import { HealthStrip } from "./health-strip.tsx";
import { countByStatus } from "./order.ts";
import { SearchHits } from "./search-hits.tsx";
import { SessionTable } from "./session-table.tsx";

/** Who waits for me, what failed, what runs, what it costs. */
export function FleetPage() {
  const { fleet } = useApp();
  const [q, userId, label] = [param("q"), param("user"), param("label")];
  useEffect(() => fleet.setFilter({ q, userId, label }), [q, userId, label]);

  const sessions = fleet.sessions.value;
  const hasFilter = q !== "" || userId !== "" || label !== "";
  const error = fleet.error.value;
  const isLoading = fleet.isLoading.value;
  const title = <h1 class="visually-hidden">Fleet</h1>;
  if (error !== undefined && sessions.size === 0)
    return (
      <>
        {title}
        <Problem error={error} retry={fleet.reload} />
      </>
    );
  if (isLoading && sessions.size === 0 && !hasFilter)
    return (
      <>
        {title}
        <Skeleton label="Loading the fleet" />
      </>
    );
  if (sessions.size === 0 && !hasFilter) return <ConnectPage isFirst />;

  const summary = fleet.summary.value;
  // Who waits is said whatever is looked for.
  const queue = attentionOf(sessions, summary?.attention ?? [], now.value);
  const listed = countByStatus(sessions.values(), now.value);
  const counts = { ...listed, ...summary?.counts };
  return (
    <div class="fleet">
      {title}
      {error !== undefined && <Problem error={error} retry={fleet.reload} />}
      <HealthStrip counts={counts} matching={hasFilter ? listed : undefined} summary={summary} />
      <AttentionQueue queue={queue} />
      <Filters />
      <ActiveFilters />
      <SearchHits q={q} />
      <p class="quiet table-note">
        {fleet.total.value > sessions.size
          ? `${sessions.size} of ${fleet.total.value} sessions are loaded; filter to find others`
          : `${sessions.size} ${sessions.size === 1 ? "session" : "sessions"}`}
      </p>
      <SessionTable sessions={sessions} />
    </div>
  );
}
