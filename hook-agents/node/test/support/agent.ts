import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { HookAgent, HookAgentLimits, HookAgentOptions } from "../../src/api.ts";
import { createHookAgent } from "../../src/hook-agent.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface TestAgent extends HookAgent {
  readonly spoolDirectory: string;
  readonly warnings: { message: string; details: object }[];
  /** What `rejected.jsonl` holds. */
  rejectedLines(): {
    problem: { code: string };
    record: { type: string; id: string; data: unknown };
  }[];
}

/** An agent for the session `run` unless told, closed when the test is over, with short waits before retries. */
export function createAgent(options: HookAgentOptions & { serviceUrl: string }): TestAgent {
  const { spoolDirectory = temporaryDirectory(), sessionId = "run" } = options;
  const warnings: TestAgent["warnings"] = [];
  const limits: HookAgentLimits = { retryBaseMs: 5, retryMaxMs: 100, ...options.limits };
  const agent = createHookAgent({
    log: { warn: (details, message) => warnings.push({ details, message }) },
    ...options,
    sessionId,
    spoolDirectory,
    limits,
  });
  onTestFinished(async () => {
    await agent.close({ timeoutMs: 0 });
  });
  return Object.assign(agent, {
    spoolDirectory,
    warnings,
    rejectedLines: () =>
      readFileSync(join(spoolDirectory, sessionId, "rejected.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  });
}

/** The numbers that the test put into its records, in the order of the log. */
export function numbersOf(records: readonly object[]): unknown[] {
  return records.map((record) => ("n" in record ? record.n : undefined));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Bytes of all files under the directory. */
export function spoolBytes(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
    .reduce((total, size) => total + size, 0);
}
