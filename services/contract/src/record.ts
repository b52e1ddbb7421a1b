import * as z from "zod";

import { offsetSchema, recordIdSchema, timestampSchema } from "./ids.ts";
import { limits } from "./limits.ts";

export const logNames = ["actions", "responses"] as const;
export type LogName = (typeof logNames)[number];

/** Members that the service sets: a record that brings one is refused, so none is overwritten in silence. */
const assigned = z.undefined({ error: "is assigned by the service and can't be sent" }).optional();
const recordInputSchema = z.looseObject({
  offset: assigned,
  seq: assigned,
  _c: assigned,
  _p: assigned,
  _t: assigned,
  id: recordIdSchema.exactOptional(),
  timestamp: timestampSchema.exactOptional(),
});
const typeSchema = z.string().min(1).max(limits.typeLength);

/** One action as a hook agent sends it. Any member besides these is kept as sent. */
export const actionInputSchema = recordInputSchema
  .extend({ type: typeSchema })
  .meta({ id: "ActionInput" });
export type ActionInput = {
  type: string;
  id?: string;
  timestamp?: string;
  [member: string]: unknown;
};

/** One response as a hook agent sends it; `type` is "response" unless it says otherwise. */
export const responseInputSchema = recordInputSchema
  .extend({ type: typeSchema.exactOptional() })
  .meta({ id: "ResponseInput" });
export type ResponseInput = Omit<ActionInput, "type"> & { type?: string };

/** A record with what the service added, but its offset, which the event around it carries. */
export const recordDataSchema = z.looseObject({
  /** Line number in its own log, from 1. */
  seq: z.int().positive(),
  id: recordIdSchema.exactOptional(),
  timestamp: timestampSchema,
  type: z.string(),
});
export type RecordData = z.infer<typeof recordDataSchema>;

/** One line of a log, as stored and as answered. */
export const recordSchema = recordDataSchema
  .extend({ offset: offsetSchema })
  .meta({ id: "Record" });
export type LogRecord = z.infer<typeof recordSchema>;

export const appendReceiptSchema = z
  .object({
    success: z.literal(true),
    seq: z.int().positive().exactOptional(),
    offset: offsetSchema,
    duplicate: z.literal(true).exactOptional(),
  })
  .meta({ id: "AppendReceipt" });
export type AppendReceipt = z.infer<typeof appendReceiptSchema>;

export const batchReceiptSchema = z
  .object({
    success: z.literal(true),
    accepted: z.int().nonnegative(),
    duplicates: z.int().nonnegative(),
    /** The session's last offset once the batch is in. */
    offset: z.int().nonnegative(),
    /** Answered once, when the batch created the session. */
    writeToken: z.string().exactOptional(),
  })
  .meta({ id: "BatchReceipt" });
export type BatchReceipt = z.infer<typeof batchReceiptSchema>;
