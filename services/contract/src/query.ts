import * as z from "zod";

import { type ActivityStatus, activityStatuses, dayUsageSchema, spentSchema } from "./activity.ts";
import { eventTypes } from "./event.ts";
import {
  cursorSchema,
  offsetSchema,
  sessionIdSchema,
  subpathSchema,
  timestampSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { sessionMetadataSchema, sessionStatusSchema, sessionViewFields } from "./session.ts";

const page = (fallback: number) =>
  z.coerce.number().int().min(1).max(limits.listPage).default(fallback);
const tail = z.coerce.number().int().min(0).max(limits.logPage);
export const flag = z
  .enum(["true", "false", "1", "0"])
  .default("false")
  .transform((value) => value === "true" || value === "1");

/** `a,b,c` checked against the known names. */
const commaList = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(names as [Name, ...Name[]])));

export const sessionSorts = ["activity", "created"] as const;

export const listQuerySchema = z.strictObject({
  status: sessionStatusSchema.exactOptional(),
  userId: z.string().exactOptional(),
  /** `key:value`; several must all match. */
  label: z
    .union([z.string(), z.array(z.string())])
    .transform((labels) => [labels].flat())
    .pipe(z.array(z.string().regex(/^[^:]+:/, 'must look like "key:value"')))
    .exactOptional(),
  parent: sessionIdSchema.exactOptional(),
  /** Text in the id, name, user, model or a label's value, whatever its case. */
  q: z.string().max(limits.nameLength).exactOptional(),
  /** Newest first, by last activity or by creation. */
  sort: z.enum(sessionSorts).default("activity"),
  limit: page(50),
  cursor: z.string().exactOptional(),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

export const sessionPageSchema = z
  .object({
    sessions: z.array(sessionMetadataSchema),
    nextCursor: z.string().nullable(),
    /** How many match the filters. */
    total: z.int().nonnegative(),
  })
  .meta({ id: "SessionPage" });
export type SessionPage = z.infer<typeof sessionPageSchema>;

export const limitQuerySchema = z.strictObject({ limit: page(20) });
export const sessionListSchema = z.object({ sessions: z.array(sessionMetadataSchema) });

export const sessionViewQuerySchema = z.strictObject({
  tail: tail.default(limits.defaultTail),
  fields: commaList(sessionViewFields).exactOptional(),
});

export const logQuerySchema = z.strictObject({
  tail: tail.exactOptional(),
  after: cursorSchema.exactOptional(),
  limit: z.coerce.number().int().min(1).max(limits.logPage).exactOptional(),
  type: z.string().exactOptional(),
});
export type LogQuery = z.infer<typeof logQuerySchema>;

export const historyQuerySchema = z.strictObject({
  after: cursorSchema.exactOptional(),
  limit: z.coerce.number().int().min(1).max(limits.logPage).default(1_000),
  types: commaList(eventTypes).exactOptional(),
  /** Data over 16 KiB comes shortened; the whole event is `?after=<offset - 1>&limit=1`. */
  preview: flag,
});
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

export const feedQuerySchema = z.strictObject({
  after: cursorSchema.exactOptional(),
  user: z.string().exactOptional(),
  preview: flag,
});

export const transcriptQuerySchema = z.strictObject({ subpath: subpathSchema.exactOptional() });
export const entriesQuerySchema = transcriptQuerySchema.extend({
  /** So many entries of the beginning are left out. */
  after: cursorSchema.exactOptional(),
  limit: z.coerce.number().int().min(1).exactOptional(),
});

export const appendQuerySchema = z.strictObject({ reopen: flag });
export const deleteQuerySchema = z.strictObject({ force: flag });

export const statsSchema = z
  .object({
    total: z.int(),
    active: z.int(),
    completed: z.int(),
    byStatus: z.record(sessionStatusSchema, z.int()),
    actions: z.int(),
    responses: z.int(),
    goals: z.int(),
    goalsCompleted: z.int(),
    agents: z.int(),
    agentsRunning: z.int(),
  })
  .meta({ id: "Stats" });
export type Stats = z.infer<typeof statsSchema>;

export const searchQuerySchema = z.strictObject({
  q: z.string().min(1).max(limits.nameLength),
  session: sessionIdSchema.exactOptional(),
  type: z.string().exactOptional(),
  after: z.string().exactOptional(),
  limit: page(50),
});
export type SearchQuery = z.infer<typeof searchQuerySchema>;

export const searchResultSchema = z
  .object({
    results: z.array(
      z.object({
        sessionId: sessionIdSchema,
        offset: offsetSchema,
        type: z.enum(eventTypes),
        timestamp: timestampSchema,
        /** The text around the match. */
        snippet: z.string(),
      }),
    ),
    /** False when the search stopped early; `stoppedBy` says why and `next` goes on from there. */
    complete: z.boolean(),
    stoppedBy: z.enum(["time", "limit"]).nullable(),
    next: z.string().nullable(),
    sessionsSearched: z.int(),
  })
  .meta({ id: "SearchResult" });
export type SearchResult = z.infer<typeof searchResultSchema>;

/** Failed sessions ask for attention for so long, ms. */
export const failedAttentionMs = 86_400_000;

export const fleetSchema = z
  .object({
    counts: z.object({
      ...Object.fromEntries(activityStatuses.map((status) => [status, z.int()])),
      no_heartbeat: z.int(),
    } as Record<ActivityStatus | "no_heartbeat", z.ZodInt>),
    /** Who waits, failed within a day, or gives no sign: the longest first, at most 200. */
    attention: z.array(sessionMetadataSchema),
    /** Sums over all sessions. */
    usage: spentSchema,
    /** Of that, what was used since the present day (UTC) began. */
    today: dayUsageSchema,
    /** Durable events, mean of the last ten seconds. */
    eventsPerSecond: z.number(),
    disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
  })
  .meta({ id: "Fleet" });
export type Fleet = z.infer<typeof fleetSchema>;
