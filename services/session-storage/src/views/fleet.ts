import {
  type ActivityStatus,
  type Fleet,
  type SessionMetadata,
  activityStatuses,
  failedAttentionMs,
  hasNoHeartbeat,
} from "@sessions/contract";

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
  const usage: Fleet["usage"] = {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadInputTokens: 0,
    cacheCreationInputTokens: 0,
    costUsd: null,
  };
  const attention: SessionMetadata[] = [];
  for (const { metadata } of catalog.rows()) {
    const { activity } = metadata;
    const isSilent = hasNoHeartbeat(metadata, nowMs);
    counts[isSilent ? "no_heartbeat" : activity.status] += 1;
    if (isSilent || asksForAttention(metadata, nowMs)) attention.push(metadata);
    if (activity.usage !== null) addUsage(usage, activity.usage);
  }
  attention.sort((a, b) => a.activity.since.localeCompare(b.activity.since));
  return {
    counts,
    attention: attention.slice(0, attentionLimit),
    usage,
    eventsPerSecond,
    disk: await diskSpace(layout.volume),
  };
}

function asksForAttention({ activity }: SessionMetadata, nowMs: number): boolean {
  if (activity.status === "waiting") return true;
  return activity.status === "failed" && nowMs - Date.parse(activity.since) < failedAttentionMs;
}

function addUsage(sum: Fleet["usage"], more: Fleet["usage"]): void {
  sum.inputTokens += more.inputTokens;
  sum.outputTokens += more.outputTokens;
  sum.cacheReadInputTokens += more.cacheReadInputTokens;
  sum.cacheCreationInputTokens += more.cacheCreationInputTokens;
  if (more.costUsd !== null) sum.costUsd = (sum.costUsd ?? 0) + more.costUsd;
}
