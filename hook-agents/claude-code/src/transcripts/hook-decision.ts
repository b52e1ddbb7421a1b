import type { Decision } from "../mapping/decisions.ts";
import { textOf } from "../mapping/payload.ts";
import { parseEntry } from "./parse-entry.ts";

/**
 * What a line of a transcript tells of a PreToolUse hook that decided.
 * @param entry the line, parsed
 * @param agentId of the subagent whose transcript it is
 */
export function decisionIn(
  entry: Record<string, unknown>,
  agentId: string | undefined,
): Decision | undefined {
  const { attachment } = entry;
  if (textOf(attachment, "hookEvent") !== "PreToolUse") return undefined;
  const toolUseId = textOf(attachment, "toolUseID");
  const at = textOf(entry, "timestamp");
  // Most hooks print nothing, or text.
  const output = parseEntry(textOf(attachment, "stdout") ?? "")?.["hookSpecificOutput"];
  const decision = textOf(output, "permissionDecision");
  if (toolUseId === undefined || decision === undefined || at === undefined) return undefined;
  const reason = textOf(output, "permissionDecisionReason");
  return {
    toolUseId,
    // `PreToolUse:Bash`
    tool: textOf(attachment, "hookName")?.split(":")[1] ?? "unknown",
    decision,
    at,
    ...(reason !== undefined && { reason }),
    ...(agentId !== undefined && { agentId }),
  };
}
