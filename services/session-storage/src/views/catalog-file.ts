import { sessionMetadataSchema } from "@sessions/contract";
import * as z from "zod";

import { readLines } from "../files/read-lines.ts";
import { replaceFile } from "../files/write.ts";
import type { CatalogRow } from "./catalog.ts";
import { transcriptsSchema } from "./transcripts-schema.ts";

const rowSchema = z.object({
  metadata: sessionMetadataSchema,
  transcripts: transcriptsSchema,
  created: z.int(),
  active: z.int(),
});
const headSchema = z.object({ position: z.int().nonnegative(), sessions: z.int().nonnegative() });

/** What a checkpoint leaves behind: all files hold everything up to `position`. */
export interface CatalogSnapshot {
  readonly position: number;
  /** Least recently active first. */
  readonly rows: readonly CatalogRow[];
}

/**
 * `catalog.json`: one JSON document, laid out a row a line so that it is written and read as a stream:
 * `{"head":{"position","sessions"},"rows":[` then the rows, then `]}`.
 */
export function writeCatalogFile(path: string, { position, rows }: CatalogSnapshot): Promise<void> {
  function* lines() {
    yield `{"head":${JSON.stringify({ position, sessions: rows.length })},"rows":[\n`;
    for (const [index, row] of rows.entries())
      yield `${JSON.stringify(row)}${index === rows.length - 1 ? "" : ","}\n`;
    yield "]}\n";
  }
  return replaceFile(path, lines(), { sync: true });
}

/** @returns undefined when there is none, or none that can be trusted: the folders then tell */
export async function readCatalogFile(path: string): Promise<CatalogSnapshot | undefined> {
  const rows: CatalogRow[] = [];
  let head: z.infer<typeof headSchema> | undefined;
  try {
    for await (const lines of readLines(path)) {
      for (const { bytes } of lines) {
        const text = bytes.toString();
        if (head === undefined)
          head = headSchema.parse((JSON.parse(`${text}]}`) as { head: unknown }).head);
        else if (text !== "]}") rows.push(rowSchema.parse(JSON.parse(text.replace(/,$/, ""))));
      }
    }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
  return head?.sessions === rows.length ? { position: head.position, rows } : undefined;
}
