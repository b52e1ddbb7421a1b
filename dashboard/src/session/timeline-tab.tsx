import { serviceNow } from "../core/clock.ts";
import { formatClock, formatDuration } from "../core/format.ts";
import type { Row } from "../feed/row.ts";
import type { SessionStore } from "./session-store.ts";

const widthPx = 1_000;
const lanePx = 20;
/** A shorter call could not be seen. */
const leastPx = 3;
const drawnCalls = 300;

interface Lane {
  readonly name: string;
  readonly calls: readonly { readonly row: Row; readonly from: number; readonly to: number }[];
}

/** Lanes by tool, node or model, of the newest calls; a call ends when its row says so, or now. */
export function lanesOf(rows: readonly Row[], nowMs: number): Lane[] {
  const lanes = new Map<string, Lane["calls"][number][]>();
  for (const row of rows) {
    // A row that came with the end of its call has the time of the end.
    const took = row.durationMs ?? 0;
    const began = row.outcome === "running" || row.isBegun ? row.at : row.at - took;
    const to = row.outcome === "running" ? nowMs : began + took;
    const lane = lanes.get(row.title) ?? [];
    lane.push({ row, from: began, to });
    lanes.set(row.title, lane);
  }
  return [...lanes].map(([name, calls]) => ({ name, calls }));
}

export function TimelineTab({ store }: { store: SessionStore }) {
  void store.feed.revision.value;
  const rows = store.feed.rows();
  const calls: Row[] = [];
  for (let index = rows.end() - 1; index >= rows.first() && calls.length < drawnCalls; index -= 1) {
    const row = rows.at(index);
    if (row?.kind === "tool" || typeof row?.durationMs === "number") calls.unshift(row);
  }
  if (calls.length === 0) return <p class="message">No call was recorded here yet.</p>;
  const lanes = lanesOf(calls, serviceNow());
  const all = lanes.flatMap((lane) => lane.calls);
  const from = Math.min(...all.map((call) => call.from));
  const to = Math.max(...all.map((call) => call.to), from + 1);
  const x = (at: number) => ((at - from) / (to - from)) * widthPx;
  return (
    <section class="pane" aria-label="Timeline">
      <p class="quiet">
        {formatClock(from)} – {formatClock(to)}, {formatDuration(to - from)}; the newest{" "}
        {calls.length} calls
      </p>
      <ul class="lanes">
        {lanes.map(({ name, calls: drawn }) => {
          const failed = drawn.filter(({ row }) => row.outcome === "failed").length;
          const total = drawn.reduce((sum, call) => sum + call.to - call.from, 0);
          return (
            <li key={name}>
              <span class="lane-name">
                <b>{name}</b>{" "}
                <span class="quiet number">
                  {drawn.length} {drawn.length === 1 ? "call" : "calls"}, {formatDuration(total)}
                  {failed > 0 && `, ${failed} failed`}
                </span>
              </span>
              <svg
                class="lane"
                viewBox={`0 0 ${widthPx} ${lanePx}`}
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                {drawn.map(({ row, from: began, to: ended }) => (
                  <rect
                    key={row.position}
                    class={`bar outcome-${row.outcome ?? "none"}`}
                    x={Math.min(x(began), widthPx - leastPx)}
                    y={2}
                    width={Math.max(leastPx, x(ended) - x(began))}
                    height={lanePx - 4}
                  />
                ))}
              </svg>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
