import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { Refusal } from "./api.ts";

/** The records that the service refused for good, with its reason, a JSON object a line. */
export interface RejectedFile {
  /** @returns false when the file is full or can't be written */
  add(commandLines: readonly string[], problem: Refusal): boolean;
}

export function createRejectedFile(sessionFolder: string, maxBytes: number): RejectedFile {
  return {
    add(commandLines, problem) {
      const head = JSON.stringify({ rejectedAt: new Date().toISOString(), problem }).slice(0, -1);
      const text = commandLines.map((line) => `${head},"record":${line}}\n`).join("");
      const bytes = Buffer.byteLength(text);
      try {
        mkdirSync(sessionFolder, { recursive: true, mode: 0o700 });
        const descriptor = openSync(join(sessionFolder, "rejected.jsonl"), "a", 0o600);
        try {
          if (fstatSync(descriptor).size + bytes > maxBytes) return false;
          return writeSync(descriptor, text) === bytes;
        } finally {
          closeSync(descriptor);
        }
      } catch {
        // The caller counts and tells it.
        return false;
      }
    },
  };
}
