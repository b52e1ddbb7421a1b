import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { Refusal } from "./api.ts";

/** The records that the service refused for good, with its reason, a JSON object a line. */
export interface RejectedFile {
  /** @returns false when the file is full or can't be written */
  add(commandLine: string, problem: Refusal): boolean;
}

export function createRejectedFile(sessionFolder: string, maxBytes: number): RejectedFile {
  return {
    add(commandLine, problem) {
      const head = JSON.stringify({ rejectedAt: new Date().toISOString(), problem });
      const line = `${head.slice(0, -1)},"record":${commandLine.trim() || "null"}}\n`;
      try {
        mkdirSync(sessionFolder, { recursive: true, mode: 0o700 });
        const descriptor = openSync(join(sessionFolder, "rejected.jsonl"), "a", 0o600);
        try {
          if (fstatSync(descriptor).size + Buffer.byteLength(line) > maxBytes) return false;
          return writeSync(descriptor, line) === Buffer.byteLength(line);
        } finally {
          closeSync(descriptor);
        }
      } catch {
        return false;
      }
    },
  };
}
