import type { Command } from "@sessions/contract";

import { serialise } from "./serialise.ts";
import { shorten } from "./shorten.ts";

export type CommandType = Command["type"];

/** A line of the spool and of a batch: one command as JSON text, with its line feed. */
export interface CommandLine {
  readonly text: string;
  readonly bytes: number;
  readonly shortened: boolean;
}

/** The records whose number has no bound; the others tell the session's life and go last. */
const bulkTypes = new Set<unknown>(["action", "response"]);

export function isBulk(type: unknown): boolean {
  return bulkTypes.has(type);
}

export function createCommandLine(
  type: CommandType,
  id: string,
  data: object,
  maxBytes: number,
): CommandLine {
  // A changed entry would not be the transcript's: whoever resumes from it needs each as it was.
  const isExact = type === "transcript_entry";
  const whole = lineOf(type, id, isExact ? JSON.stringify(data) : serialise(data));
  const bytes = Buffer.byteLength(whole);
  if (bytes <= maxBytes || isExact) return { text: whole, bytes, shortened: false };
  return shortenLine(whole, maxBytes);
}

/** The same command with its bulky members replaced by size and hash. */
export function shortenLine(line: string, maxBytes: number): CommandLine {
  const { type, id, data } = JSON.parse(line) as { type: CommandType; id: string; data: unknown };
  const envelopeBytes = Buffer.byteLength(lineOf(type, id, ""));
  const text = lineOf(type, id, JSON.stringify(shorten(data, maxBytes - envelopeBytes)));
  return { text, bytes: Buffer.byteLength(text), shortened: true };
}

function lineOf(type: CommandType, id: string, json: string): string {
  return `{"type":"${type}","id":${JSON.stringify(id)},"data":${json}}\n`;
}
