import type { Decision } from "../mapping/decisions.ts";
import { isObject, textOf } from "../mapping/payload.ts";

/**
 * What a line of a transcript tells of a PreToolUse hook that decided.
 * @param entry the line, parsed
 * @param agentId of the subagent whose transcript it is
 */
export function decisionIn(entry: unknown, agentId: string | undefined): Decision | undefined {
  const attachment = isObject(entry) ? entry["attachment"] : undefined;
  if (textOf(attachment, "hookEvent") !== "PreToolUse") return undefined;
  const toolUseId = textOf(attachment, "toolUseID");
  const at = textOf(entry, "timestamp");
  const answer = parse(textOf(attachment, "stdout") ?? "");
  const output = isObject(answer) ? answer["hookSpecificOutput"] : undefined;
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

/** Most hooks print nothing, or text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
