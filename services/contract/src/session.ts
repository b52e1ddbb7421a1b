import * as z from "zod";

import { activitySchema } from "./activity.ts";
import { sessionIdSchema, timestampSchema } from "./ids.ts";
import { leaseSchema } from "./lease.ts";
import { limits } from "./limits.ts";
import { recordSchema } from "./record.ts";
import { stateSchema } from "./state.ts";

const name = z.string().max(limits.nameLength);
const labelsSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, "a label's key is 1-63 of [A-Za-z0-9._/-]"),
    z.string().max(limits.labelLength),
  )
  .refine(
    (labels) => Object.keys(labels).length <= limits.labels,
    `at most ${limits.labels} labels`,
  );
const tagsSchema = z.array(z.string().min(1).max(limits.labelLength)).max(limits.tags);

export const sessionStatuses = ["active", "completed", "stopped", "error"] as const;
export const sessionStatusSchema = z.enum(sessionStatuses);
export type SessionStatus = z.infer<typeof sessionStatusSchema>;
export const finalStatusSchema = z.enum(["completed", "stopped", "error"]);

/** What a session is created with; everything is optional but may be asked for by filters later. */
export const sessionInputSchema = z
  .strictObject({
    userId: name.exactOptional(),
    name: name.exactOptional(),
    /** Kept verbatim in `initial.json`. */
    initial: z.unknown().exactOptional(),
    labels: labelsSchema.exactOptional(),
    tags: tagsSchema.exactOptional(),
    parentSession: sessionIdSchema.exactOptional(),
    model: name.exactOptional(),
    workingDirectory: z.string().max(4_096).exactOptional(),
  })
  .meta({ id: "SessionInput" });
export type SessionInput = z.infer<typeof sessionInputSchema>;

export const createSessionSchema = sessionInputSchema
  .extend({ sessionId: sessionIdSchema.exactOptional() })
  .meta({ id: "CreateSession" });
export type CreateSession = z.infer<typeof createSessionSchema>;

export const sessionMetadataSchema = z
  .looseObject({
    sessionId: sessionIdSchema,
    userId: z.string().nullable(),
    name: z.string().nullable(),
    status: sessionStatusSchema,
    createdAt: timestampSchema,
    /** Time of the last event. */
    lastActivityAt: timestampSchema,
    finalizedAt: timestampSchema.nullable(),
    labels: z.record(z.string(), z.string()),
    tags: z.array(z.string()),
    parentSession: sessionIdSchema.nullable(),
    model: z.string().nullable(),
    workingDirectory: z.string().nullable(),
    counts: z.object({
      actions: z.int().nonnegative(),
      responses: z.int().nonnegative(),
      goals: z.int().nonnegative(),
      goalsCompleted: z.int().nonnegative(),
      agents: z.int().nonnegative(),
      agentsRunning: z.int().nonnegative(),
    }),
    activity: activitySchema,
    /** null: nobody ever asked for it. */
    lease: leaseSchema.nullable(),
    /** The session's last offset. */
    offset: z.int().nonnegative(),
    /** Offsets whose records were damaged on disk and could not be restored. */
    damagedOffsets: z.array(z.int()).exactOptional(),
  })
  .meta({ id: "SessionMetadata" });
export type SessionMetadata = z.infer<typeof sessionMetadataSchema>;

/** Merge patch (RFC 7396): null removes a name, model, label or tag list. */
export const metadataPatchSchema = z
  .strictObject({
    name: name.nullable().exactOptional(),
    model: name.nullable().exactOptional(),
    labels: z
      .record(z.string(), z.string().max(limits.labelLength).nullable())
      .nullable()
      .exactOptional(),
    tags: tagsSchema.nullable().exactOptional(),
  })
  .meta({ id: "MetadataPatch" });
export type MetadataPatch = z.infer<typeof metadataPatchSchema>;

export const finalizeSchema = z
  .strictObject({
    status: finalStatusSchema.default("completed"),
    outcome: z.unknown().exactOptional(),
    response: z.unknown().exactOptional(),
  })
  .meta({ id: "Finalize" });
export type Finalize = z.infer<typeof finalizeSchema>;

export const finalSchema = z
  .looseObject({
    status: finalStatusSchema,
    outcome: z.unknown(),
    response: z.unknown(),
    finalizedAt: timestampSchema,
  })
  .meta({ id: "Final" });
export type Final = z.infer<typeof finalSchema>;

export const sessionCreatedSchema = z
  .object({
    success: z.literal(true),
    sessionId: sessionIdSchema,
    /** The session's folder, relative to the volume. */
    path: z.string(),
    created: z.boolean(),
    session: sessionMetadataSchema,
    /** Answered once, at creation: allows reading and writing this session only. */
    writeToken: z.string().exactOptional(),
  })
  .meta({ id: "SessionCreated" });
export type SessionCreated = z.infer<typeof sessionCreatedSchema>;

export const sessionViewSchema = z
  .object({
    metadata: sessionMetadataSchema,
    initial: z.unknown(),
    state: stateSchema,
    actions: z.array(recordSchema),
    responses: z.array(recordSchema),
    final: finalSchema.nullable(),
  })
  .partial()
  .meta({ id: "SessionView" });
export const sessionViewFields = Object.keys(sessionViewSchema.shape) as (keyof SessionView)[];
export type SessionView = z.infer<typeof sessionViewSchema>;
