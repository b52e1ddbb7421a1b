import { summarySchema } from "@sessions/contract";
import * as z from "zod";

import type { TranscriptFile } from "../domain/transcripts.ts";

const fileSchema = z.custom<TranscriptFile>(
  (name) => typeof name === "string" && name.startsWith("transcripts/"),
);

/** Of `metadata.json` and the catalog. */
export const transcriptsSchema = z.object({
  files: z.record(
    fileSchema,
    z.object({
      seq: z.int().positive(),
      updatedAt: z.string(),
      summary: summarySchema.exactOptional(),
    }),
  ),
  deletions: z.record(fileSchema, z.int().positive()),
});
