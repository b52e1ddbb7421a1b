import type { Config } from "../config.ts";
import { Refusal } from "../service-client.ts";
import { parseRestoreOptions, RestoreError } from "./options.ts";
import { shellText } from "./report.ts";
import { restore } from "./restore.ts";

/** The command line's `restore`. @returns what to print, and the exit code */
export async function restoreCommand(
  config: Config,
  argv: readonly string[],
  currentDirectory: string,
): Promise<{ out: string; err: string; code: number }> {
  const isJson = argv.includes("--json");
  try {
    const report = await restore(config, parseRestoreOptions(argv));
    const out = isJson ? `${JSON.stringify(report)}\n` : shellText(report, currentDirectory);
    return { out, err: "", code: 0 };
  } catch (error) {
    const { code, exitCode, details, message } = asRestoreError(error);
    const out = isJson ? `${JSON.stringify({ error: { code, message, ...details } })}\n` : "";
    return { out, err: `session-hook restore: ${message}\n`, code: exitCode };
  }
}

function asRestoreError(error: unknown): RestoreError {
  if (error instanceof RestoreError) return error;
  if (error instanceof Refusal)
    return new RestoreError("failed", error.message, { status: error.reply.status });
  return new RestoreError("failed", error instanceof Error ? error.message : String(error));
}
