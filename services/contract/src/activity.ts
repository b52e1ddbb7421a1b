import * as z from "zod";

import { timestampSchema } from "./ids.ts";

/** What a session is doing, as a person asks it. `no_heartbeat` is told apart by the clock: see heartbeat.ts. */
export const activityStatuses = [
  "running",
  "waiting",
  "idle",
  "completed",
  "failed",
  "stopped",
] as const;
export const activityStatusSchema = z.enum(activityStatuses);
export type ActivityStatus = z.infer<typeof activityStatusSchema>;

const count = z.number().nonnegative();
export const spentSchema = z
  .object({
    inputTokens: count,
    outputTokens: count,
    cacheReadInputTokens: count,
    cacheCreationInputTokens: count,
    /** US dollars; null when nobody told. */
    costUsd: count.nullable(),
  })
  .meta({ id: "Spent" });
export type Spent = z.infer<typeof spentSchema>;

export const usageSchema = z
  .object({
    ...spentSchema.shape,
    /** Tokens in the context window, and its size; null when nobody told. */
    contextTokens: count.nullable(),
    contextWindow: count.nullable(),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof usageSchema>;

export const dayUsageSchema = z
  .object({
    /** UTC, by the time at which the service took what was told. */
    day: z.iso.date(),
    ...spentSchema.shape,
  })
  .meta({ id: "DayUsage" });
export type DayUsage = z.infer<typeof dayUsageSchema>;

export const activitySchema = z
  .object({
    status: activityStatusSchema,
    /** Why it waits, pauses or ended. */
    reason: z.string().nullable(),
    /** When it came into this status. */
    since: timestampSchema,
    /** The state's `phase`, when that is text. */
    phase: z.string().nullable(),
    /** From the state's `currentStep`. */
    doing: z
      .object({ tool: z.string(), detail: z.string().nullable(), since: z.string().nullable() })
      .nullable(),
    /** From the state's `waiting`: for whom or what. */
    waiting: z
      .object({
        reason: z.string(),
        tool: z.string().nullable(),
        detail: z.string().nullable(),
        since: z.string().nullable(),
      })
      .nullable(),
    /** The state's `heartbeatAt`, when the agent sends one. */
    heartbeatAt: z.string().nullable(),
    /** The state's `usage`. */
    usage: usageSchema.nullable(),
    /** By how much it grew on the last day on which it changed. */
    dayUsage: dayUsageSchema.nullable(),
  })
  .meta({ id: "Activity" });
export type Activity = z.infer<typeof activitySchema>;
