import { now } from "../core/clock.ts";
import { formatAge, formatClock, formatDuration, formatFull } from "../core/format.ts";

const iso = (at: number) => new Date(at).toISOString();
const isTime = (at: number) => Number.isFinite(at) && Math.abs(at) < 8.64e15;

/** How long ago, with the local time to point at. @param at ms since 1970 @param after such as "ago" */
export function Ago({ at, after = "" }: { at: number; after?: string }) {
  if (!isTime(at)) return <span>–</span>;
  const age = formatAge(now.value - at);
  return (
    <time dateTime={iso(at)} title={formatFull(at)}>
      {age === "now" ? age : `${age} ${after}`.trim()}
    </time>
  );
}

/** The local time of day. @param at ms since 1970 */
export function Clock({ at }: { at: number }) {
  if (!isTime(at)) return <span>–</span>;
  return (
    <time dateTime={iso(at)} title={formatFull(at)}>
      {formatClock(at)}
    </time>
  );
}

/** For how long something has been going on. @param since ms since 1970 */
export function Elapsed({ since }: { since: number }) {
  if (!isTime(since)) return null;
  return <span class="number">{formatDuration(Math.max(0, now.value - since))}</span>;
}
