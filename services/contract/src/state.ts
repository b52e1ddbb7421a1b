import * as z from "zod";

import { agentIdSchema, goalIdSchema, timestampSchema } from "./ids.ts";
import { limits } from "./limits.ts";

const description = z.string().min(1).max(16_384);

export const goalStatusSchema = z.enum([
  "pending",
  "in_progress",
  "completed",
  "blocked",
  "cancelled",
]);
export const goalPrioritySchema = z.enum(["high", "medium", "low"]);

/** `goalId` and `id` both name the goal. Members besides these are kept as sent. */
export const goalInputSchema = z
  .looseObject({
    goalId: goalIdSchema.exactOptional(),
    id: goalIdSchema.exactOptional(),
    description,
    status: goalStatusSchema.exactOptional(),
    priority: goalPrioritySchema.exactOptional(),
  })
  .meta({ id: "GoalInput" });
export type GoalInput = z.infer<typeof goalInputSchema>;

export const goalPatchSchema = z
  .looseObject({
    description: description.exactOptional(),
    status: goalStatusSchema.exactOptional(),
    priority: goalPrioritySchema.exactOptional(),
  })
  .meta({ id: "GoalPatch" });
export type GoalPatch = z.infer<typeof goalPatchSchema>;

export const goalSchema = z
  .looseObject({
    goalId: goalIdSchema,
    id: goalIdSchema,
    description: z.string(),
    status: goalStatusSchema,
    priority: goalPrioritySchema,
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    completedAt: timestampSchema.nullable(),
  })
  .meta({ id: "Goal" });
export type Goal = z.infer<typeof goalSchema>;

export const agentStatusSchema = z.enum(["running", "completed", "failed", "stopped"]);

/** `agentId` and `id` both name the agent. Members besides these are kept as sent. */
export const agentInputSchema = z
  .looseObject({
    agentId: agentIdSchema.exactOptional(),
    id: agentIdSchema.exactOptional(),
    type: z.string().min(1).max(limits.typeLength),
    parentAgentId: agentIdSchema.nullable().exactOptional(),
    task: z.unknown().exactOptional(),
  })
  .meta({ id: "AgentInput" });
export type AgentInput = z.infer<typeof agentInputSchema>;

/** Members besides these are kept as sent and join the agent's own (a parent learned late, for example). */
export const agentCompletionSchema = z
  .looseObject({
    status: agentStatusSchema.exclude(["running"]).exactOptional(),
    result: z.unknown().exactOptional(),
    parentAgentId: agentIdSchema.nullable().exactOptional(),
  })
  .meta({ id: "AgentCompletion" });
export type AgentCompletion = z.infer<typeof agentCompletionSchema>;

export const agentSchema = z
  .looseObject({
    agentId: agentIdSchema,
    id: agentIdSchema,
    type: z.string(),
    /** null: spawned by the session's main agent. */
    parentAgentId: agentIdSchema.nullable(),
    task: z.unknown(),
    status: agentStatusSchema,
    spawnedAt: timestampSchema,
    completedAt: timestampSchema.nullable(),
    result: z.unknown(),
  })
  .meta({ id: "Agent" });
export type Agent = z.infer<typeof agentSchema>;

/** Read by every client; all else that was patched in stands beside these members. */
export const stateSchema = z
  .looseObject({
    sessionId: z.string(),
    /** Grows by one with every change of the state; also its ETag. */
    version: z.int().nonnegative(),
    phase: z.unknown(),
    currentStep: z.unknown(),
    workspace: z.unknown(),
    goals: z.array(goalSchema),
    agents: z.array(agentSchema),
  })
  .meta({ id: "State" });
export type State = z.infer<typeof stateSchema>;

/** Members of the state that have calls of their own; a patch that names them is refused. */
export const managedStateMembers = ["sessionId", "version", "goals", "agents"] as const;
/** Keys that reach into JavaScript prototypes; refused at any depth of a patch. */
export const forbiddenPatchKeys = ["__proto__", "constructor", "prototype"] as const;

export const statePatchSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: "StatePatch", description: "Any members but sessionId, version, goals and agents." });
export type StatePatch = Record<string, unknown>;

/** `merge`: RFC 7396, null deletes. `deep`: null is stored, objects merge, arrays are replaced. */
export const patchModeSchema = z.enum(["merge", "deep"]);
export type PatchMode = z.infer<typeof patchModeSchema>;

const success = z.literal(true);
export const goalReceiptSchema = z.object({ success, goalId: z.string(), goal: goalSchema });
export const agentReceiptSchema = z.object({ success, agentId: z.string(), agent: agentSchema });
