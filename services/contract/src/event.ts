import * as z from "zod";

import {
  agentIdSchema,
  goalIdSchema,
  offsetSchema,
  positionSchema,
  recordIdSchema,
  sessionIdSchema,
  timestampSchema,
} from "./ids.ts";
import { leaseAcquiredSchema, leaseReleasedSchema } from "./lease.ts";
import { actionInputSchema, recordDataSchema, responseInputSchema } from "./record.ts";
import {
  finalSchema,
  finalizeSchema,
  metadataPatchSchema,
  sessionInputSchema,
  sessionStatusSchema,
} from "./session.ts";
import {
  agentCompletionSchema,
  agentInputSchema,
  agentSchema,
  goalInputSchema,
  goalPatchSchema,
  goalSchema,
  patchModeSchema,
  statePatchSchema,
} from "./state.ts";
import {
  entryDataSchema,
  entryInputSchema,
  transcriptDeletedSchema,
  transcriptSummarizedSchema,
} from "./transcript.ts";

const version = z.int().positive();

/** What happened to a session, by type: the `data` of a history event and of a live frame. */
export const eventDataSchemas = {
  session_created: sessionInputSchema,
  action: recordDataSchema,
  response: recordDataSchema,
  state_updated: z.object({ version, mode: patchModeSchema, patch: statePatchSchema }),
  goal_added: z.object({ version, goal: goalSchema }),
  goal_updated: z.object({ version, goal: goalSchema, patch: goalPatchSchema }),
  agent_spawned: z.object({ version, agent: agentSchema }),
  agent_completed: z.object({ version, agent: agentSchema }),
  metadata_updated: z.object({
    patch: metadataPatchSchema.extend({ status: sessionStatusSchema.exactOptional() }),
    /** "reopened": a finalized session goes on. */
    reason: z.literal("reopened").exactOptional(),
  }),
  session_finalized: finalSchema,
  transcript_entry: entryDataSchema,
  transcript_summarized: transcriptSummarizedSchema,
  transcript_deleted: transcriptDeletedSchema,
  lease_acquired: leaseAcquiredSchema,
  lease_released: leaseReleasedSchema,
  session_deleted: z.object({}),
  /** Positions of the deletion that it undoes and of the session's creation. */
  session_restored: z.object({ deletedAt: positionSchema, created: positionSchema }),
} as const;

export type EventType = keyof typeof eventDataSchemas;
export const eventTypes = Object.keys(eventDataSchemas) as [EventType, ...EventType[]];
export type EventData = { [Type in EventType]: z.infer<(typeof eventDataSchemas)[Type]> };

/** One event of a session: a line of its history and a frame of its live feed are the same thing. */
export const sessionEventSchema = z
  .object({
    type: z.enum(eventTypes),
    sessionId: sessionIdSchema,
    offset: offsetSchema,
    position: positionSchema,
    /** When the service took it; a record's own `timestamp` is the client's. */
    timestamp: timestampSchema,
    data: z.record(z.string(), z.unknown()),
    /** Size of the whole data as JSON, in bytes; there only when `data` is a preview of it. */
    fullBytes: z.int().exactOptional(),
  })
  .meta({ id: "SessionEvent" });
export type WireEvent = {
  [Type in EventType]: Omit<z.infer<typeof sessionEventSchema>, "type" | "data"> & {
    type: Type;
    data: EventData[Type];
  };
}[EventType];

const id = recordIdSchema.exactOptional();
const command = <Type extends EventType, Data extends z.ZodType>(type: Type, data: Data) =>
  z.strictObject({ type: z.literal(type), id, data });

/**
 * What a client may ask for, in the words of the event it leads to. A batch of these is
 * `POST /api/sessions/{sessionId}/events`: kept in order, stored whole or not at all, each `id` once.
 */
export const commandSchema = z
  .discriminatedUnion("type", [
    command("session_created", sessionInputSchema),
    command("action", actionInputSchema),
    command("response", responseInputSchema),
    command(
      "state_updated",
      z.strictObject({ mode: patchModeSchema.default("deep"), patch: statePatchSchema }),
    ),
    command("goal_added", goalInputSchema),
    command("goal_updated", z.strictObject({ goalId: goalIdSchema, patch: goalPatchSchema })),
    command("agent_spawned", agentInputSchema),
    command(
      "agent_completed",
      z.strictObject({ agentId: agentIdSchema, completion: agentCompletionSchema }),
    ),
    command("metadata_updated", metadataPatchSchema),
    command("session_finalized", finalizeSchema),
    command("transcript_entry", entryInputSchema),
  ])
  .meta({ id: "Command" });
export type Command = z.infer<typeof commandSchema>;

export const historyPageSchema = z
  .object({
    events: z.array(sessionEventSchema),
    /** Hand back as `after` to go on. */
    next: z.int().nonnegative(),
    earliest: z.int().nonnegative(),
    latest: z.int().nonnegative(),
    hasMore: z.boolean(),
  })
  .meta({ id: "HistoryPage" });
export type HistoryPage = z.infer<typeof historyPageSchema>;
