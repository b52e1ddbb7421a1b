import {
  type ActivityStatus,
  type Fleet,
  type SessionMetadata,
  activityStatuses,
  failedAttentionMs,
  hasNoHeartbeat,
} from "@sessions/contract";

import { addSpent, nothingSpent } from "../domain/usage.ts";
import { diskSpace } from "../files/write.ts";
import type { Catalog } from "./catalog.ts";
import type { Layout } from "./layout.ts";

const attentionLimit = 200;

/** The whole fleet in one look; reads nothing but the catalog and the disk's free space. */
export async function readFleet(
  catalog: Catalog,
  layout: Layout,
  eventsPerSecond: number,
  nowMs: number,
): Promise<Fleet> {
  const counts = Object.fromEntries(
    [...activityStatuses, "no_heartbeat"].map((status) => [status, 0]),
  ) as Record<ActivityStatus | "no_heartbeat", number>;
  const day = new Date(nowMs).toISOString().slice(0, 10);
  let usage = nothingSpent;
  let today = nothingSpent;
  const attention: SessionMetadata[] = [];
  for (const { metadata } of catalog.rows()) {
    const { activity } = metadata;
    const isSilent = hasNoHeartbeat(metadata, nowMs);
    counts[isSilent ? "no_heartbeat" : activity.status] += 1;
    if (isSilent || asksForAttention(metadata, nowMs)) attention.push(metadata);
    if (activity.usage !== null) usage = addSpent(usage, activity.usage);
    if (activity.dayUsage?.day === day) today = addSpent(today, activity.dayUsage);
  }
  attention.sort((a, b) => a.activity.since.localeCompare(b.activity.since));
  return {
    counts,
    attention: attention.slice(0, attentionLimit),
    usage,
    today: { day, ...today },
    eventsPerSecond,
    disk: await diskSpace(layout.volume),
  };
}

function asksForAttention({ activity }: SessionMetadata, nowMs: number): boolean {
  if (activity.status === "waiting") return true;
  return activity.status === "failed" && nowMs - Date.parse(activity.since) < failedAttentionMs;
}
