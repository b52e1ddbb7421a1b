import { contentTypes, limits } from "@sessions/contract";
import type { Request } from "express";

import { ServiceError } from "../domain/errors.ts";
import { parseJson } from "./json-body.ts";

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

/** @returns the parsed body: a value, or for NDJSON an array with one value a line */
export async function readBody(
  req: Request,
  contentType: string,
  maxRecordBytes: number,
): Promise<unknown> {
  const bytes = await readBytes(req);
  if (contentType === contentTypes.ndjson) return parseLines(bytes, maxRecordBytes);
  if (bytes.length === 0) throw new ServiceError("malformed_json", "the body is empty");
  const value = parseJson(bytes, maxRecordBytes);
  if (Array.isArray(value)) checkBatch(value.length);
  return value;
}

function parseLines(bytes: Buffer, maxRecordBytes: number): unknown[] {
  const values: unknown[] = [];
  for (let begin = 0; begin < bytes.length;) {
    const found = bytes.indexOf(newline, begin);
    const end = found === -1 ? bytes.length : found;
    const line = bytes.subarray(begin, end);
    begin = end + 1;
    if (isBlank(line)) continue;
    values.push(parseLine(line, values.length, maxRecordBytes));
    checkBatch(values.length);
  }
  return values;
}

function parseLine(line: Buffer, index: number, maxRecordBytes: number): unknown {
  try {
    return parseJson(line, maxRecordBytes);
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

function checkBatch(records: number): void {
  if (records <= limits.batchRecords) return;
  throw new ServiceError(
    "payload_too_large",
    `a batch has at most ${limits.batchRecords} records (batchRecords)`,
  );
}

/** A client that is still sending would not see an early answer; so much is read and dropped for it, bytes. */
const patienceBytes = 4 * limits.batchBytes;

function readBytes(req: Request): Promise<Buffer> {
  if (Number(req.headers["content-length"] ?? 0) > patienceBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limits.batchBytes) chunks.push(chunk);
      else chunks = [];
      if (size > patienceBytes) reject(tooLarge());
    });
    req.on("end", () => {
      if (size > limits.batchBytes) reject(tooLarge());
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    req.on("error", reject);
    req.on("close", () => {
      if (!req.complete) reject(new ServiceError("invalid_request", "the request broke off"));
    });
  });
}

function tooLarge(): ServiceError {
  return new ServiceError(
    "payload_too_large",
    `the body is over ${limits.batchBytes} bytes (batchBytes)`,
  );
}
