import { type Route, contentTypes, limits } from "@sessions/contract";
import type { Request } from "express";

import { ServiceError } from "../domain/errors.ts";
import { type RecordLimits, entryLimits, parseJson, recordLimits } from "./json-body.ts";

const newline = 0x0a;

/** The content type without its parameters; throws `unsupported_media_type` unless it is one of `accepted`. */
export function contentTypeOf(req: Request, accepted: readonly string[]): string {
  const sent = req.headers["content-type"] ?? "";
  const [type = ""] = sent.split(";", 1);
  const contentType = type.trim().toLowerCase();
  const charset = /charset="?([^";\s]+)/i.exec(sent)?.[1]?.toLowerCase() ?? "utf-8";
  if (accepted.includes(contentType) && (charset === "utf-8" || charset === "utf8"))
    return contentType;
  throw new ServiceError(
    "unsupported_media_type",
    `the content type must be ${accepted.join(" or ")} in UTF-8`,
  );
}

export interface BodyLimits {
  entries: Route["entries"] | undefined;
  maxRecordBytes: number;
}

/** @returns the parsed body: a value, or for NDJSON an array with one value a line */
export async function readBody(
  req: Request,
  contentType: string,
  { entries, maxRecordBytes }: BodyLimits,
): Promise<unknown> {
  const ofRecord = recordLimits(maxRecordBytes);
  const isLines = contentType === contentTypes.ndjson;
  const hasEntries = entries === "each" || (entries === "tagged" && isLines);
  const bytes = await readBytes(req, hasEntries ? entryBatch : batch);
  const limitsOf = (line: Buffer) =>
    entries === "each" || (hasEntries && isTagged(line)) ? entryLimits : ofRecord;
  if (isLines) return parseLines(bytes, limitsOf);
  if (bytes.length === 0) throw new ServiceError("malformed_json", "the body is empty");
  const value = parseJson(bytes, limitsOf(bytes));
  if (Array.isArray(value)) checkCount(value.length);
  return value;
}

/** The type comes first in what hook agents send; who writes it elsewhere has a record's limits. */
function isTagged(line: Buffer): boolean {
  return line.toString("latin1", 0, entryTag.length) === entryTag;
}
const entryTag = '{"type":"transcript_entry",';

function parseLines(bytes: Buffer, limitsOf: (line: Buffer) => RecordLimits): unknown[] {
  const values: unknown[] = [];
  let recordBytes = 0;
  for (let begin = 0; begin < bytes.length;) {
    const found = bytes.indexOf(newline, begin);
    const end = found === -1 ? bytes.length : found;
    const line = bytes.subarray(begin, end);
    begin = end + 1;
    if (isBlank(line)) continue;
    const lineLimits = limitsOf(line);
    if (lineLimits !== entryLimits) recordBytes += line.length + 1;
    if (recordBytes > batch.bytes) throw tooLarge(batch);
    values.push(parseLine(line, values.length, lineLimits));
    checkCount(values.length);
  }
  return values;
}

function parseLine(line: Buffer, index: number, lineLimits: RecordLimits): unknown {
  try {
    return parseJson(line, lineLimits);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const errors = (error.errors ?? [{ field: "", message: error.message }]).map((e) => ({
      ...e,
      field: `/${index}${e.field}`,
    }));
    throw new ServiceError(error.code, `line ${index}: ${error.message}`, { cause: error, errors });
  }
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function checkCount(records: number): void {
  if (records <= limits.batchRecords) return;
  throw new ServiceError(
    "payload_too_large",
    `a batch has at most ${limits.batchRecords} records (batchRecords)`,
  );
}

interface BodyLimit {
  readonly name: string;
  readonly bytes: number;
}
const batch: BodyLimit = { name: "batchBytes", bytes: limits.batchBytes };
const entryBatch: BodyLimit = { name: "entryBatchBytes", bytes: limits.entryBatchBytes };

/** A client that is still sending would not see an early answer; so many times the limit is read and dropped for it. */
const patience = 4;

function readBytes(req: Request, limit: BodyLimit): Promise<Buffer> {
  const patienceBytes = patience * limit.bytes;
  if (Number(req.headers["content-length"] ?? 0) > patienceBytes)
    return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit.bytes) chunks.push(chunk);
      else chunks = [];
      if (size > patienceBytes) reject(tooLarge(limit));
    });
    req.on("end", () => {
      if (size > limit.bytes) reject(tooLarge(limit));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    req.on("error", reject);
    req.on("close", () => {
      if (!req.complete) reject(new ServiceError("invalid_request", "the request broke off"));
    });
  });
}

function tooLarge({ name, bytes }: BodyLimit): ServiceError {
  return new ServiceError("payload_too_large", `the body is over ${bytes} bytes (${name})`);
}
