import { useEffect, useState } from "preact/hooks";

import { type Health, getHealth } from "../core/api.ts";
import { useApp } from "../core/context.ts";
import { formatBytes, formatCount } from "../core/format.ts";
import { JsonTree } from "../ui/json-tree.tsx";
import { Problem, Skeleton } from "../ui/message.tsx";

const refreshMs = 5_000;

/** How the service itself is. */
export function SystemPage() {
  const { fleet, live } = useApp();
  const [health, setHealth] = useState<Health | undefined>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    getHealth().then(
      (found) => {
        if (!isCurrent) return;
        setHealth(found);
        setError(undefined);
      },
      (failure: unknown) => isCurrent && setError(failure),
    );
    const timer = setTimeout(() => setAttempt(attempt + 1), refreshMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [attempt]);

  const summary = fleet.summary.value;
  return (
    <div class="pane">
      <h1>System</h1>
      {error !== undefined && <Problem error={error} retry={() => setAttempt(attempt + 1)} />}
      {health === undefined && error === undefined && <Skeleton label="Loading the health" />}
      {health !== undefined && (
        <>
          <p class={health.status === "ok" ? "" : "notice"} role="status">
            The service is <b>{health.status}</b>, version {health.version}.
          </p>
          <dl class="facts">
            <Fact name="live feed" value={live.status.value.state.replace("_", " ")} />
            {summary !== null && (
              <>
                <Fact name="events/s" value={formatCount(summary.eventsPerSecond)} />
                <Fact name="disk free" value={formatBytes(summary.disk.freeBytes)} />
                <Fact name="disk size" value={formatBytes(summary.disk.totalBytes)} />
              </>
            )}
          </dl>
          <JsonTree value={health.all} />
        </>
      )}
    </div>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd class="number">{value}</dd>
  </div>
);
