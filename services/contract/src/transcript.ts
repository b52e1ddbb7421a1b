import * as z from "zod";

import { offsetSchema, projectKeySchema, sessionIdSchema, subpathSchema } from "./ids.ts";

/** One line of a transcript: any JSON object. With a `uuid` it is stored once in its transcript. */
export const entrySchema = z.record(z.string(), z.unknown()).meta({
  id: "TranscriptEntry",
  description: "An object; its `uuid`, if there is one, counts once.",
});
export type TranscriptEntry = Record<string, unknown>;

const place = { projectKey: projectKeySchema, subpath: subpathSchema.nullable() };

/** Sent by a hook agent; without `subpath` it is the main transcript. */
export const entryInputSchema = z
  .strictObject({
    projectKey: projectKeySchema,
    subpath: subpathSchema.nullable().exactOptional(),
    entry: entrySchema,
  })
  .meta({ id: "TranscriptEntryInput" });
export type EntryInput = z.infer<typeof entryInputSchema>;

export const entryDataSchema = z.object({
  /** Line number in its transcript, from 1. */
  seq: z.int().positive(),
  ...place,
  /** null once the transcript was deleted. */
  entry: entrySchema.nullable(),
});
export const transcriptDeletedSchema = z.object(place);

/** What a client folded of a transcript's first `seq` entries; opaque to the service. */
export const summarySchema = z
  .strictObject({ data: z.record(z.string(), z.unknown()), seq: z.int().nonnegative() })
  .meta({ id: "TranscriptSummary" });
export type TranscriptSummary = z.infer<typeof summarySchema>;
export const summaryInputSchema = summarySchema
  .extend({
    /** The `seq` of the summary that this one goes on from; 0: there was none. */
    base: z.int().nonnegative(),
  })
  .meta({ id: "TranscriptSummaryInput" });
export const transcriptSummarizedSchema = z.object({
  projectKey: projectKeySchema,
  summary: summarySchema,
});

/** When the service took the last entry, ms since 1970. */
const mtime = z.int();
const seq = z.int().nonnegative().meta({ description: "Entries so far." });

export const transcriptListSchema = z.object({
  transcripts: z.array(z.object({ ...place, seq, mtime })),
});
export const storeSessionsSchema = z.object({
  sessions: z.array(z.object({ sessionId: sessionIdSchema, seq, mtime })),
});
export const storeSummarySchema = z.object({ seq, mtime, summary: summarySchema.nullable() });
export const storeSummariesSchema = z.object({
  summaries: z.array(storeSummarySchema.extend({ sessionId: sessionIdSchema })),
});
export const subkeysSchema = z.object({ subkeys: z.array(subpathSchema) });

export const entriesReceiptSchema = z
  .object({
    success: z.literal(true),
    accepted: z.int().nonnegative(),
    duplicates: z.int().nonnegative(),
    offset: offsetSchema,
    /** Entries of the transcript now. */
    seq,
    /** Answered once, when the call created the session. */
    writeToken: z.string().exactOptional(),
  })
  .meta({ id: "EntriesReceipt" });
