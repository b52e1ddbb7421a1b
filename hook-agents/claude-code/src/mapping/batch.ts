import { denialOf } from "./decisions.ts";
import type { Draft } from "./draft.ts";
import { isObject, listOf, textOf } from "./payload.ts";
import type { RunningTool } from "./state.ts";
import { endTool, type Outcome } from "./tools.ts";

const inputError = "<tool_use_error>";

/**
 * The only hook that tells of calls which were denied or whose input was not valid: what is still running
 * had no end of its own, and what never began was refused before PreToolUse.
 */
export function endBatch(draft: Draft): void {
  const agentId = textOf(draft.payload, "agent_id");
  for (const entry of listOf(draft.payload, "tool_calls")) {
    const id = textOf(entry, "tool_use_id");
    if (id === undefined || !isObject(entry)) continue;
    const call = draft.state.tools[id];
    const said = resultText(entry["tool_response"]);
    const wasRefused = said.startsWith(inputError);
    if (!call && !wasRefused) continue;
    const outcome = wasRefused ? "failed" : judge(draft, call, said);
    const tool = textOf(entry, "tool_name");
    const denial = outcome === "denied" ? denialOf(said) : undefined;
    if (denial?.isByHook)
      draft.action("permission_decision", {
        tool,
        tool_use_id: id,
        decision: "deny",
        reason: denial.reason,
        agentId,
      });
    endTool(draft, id, outcome, {
      tool,
      input: entry["tool_input"],
      ...(outcome === "succeeded" ? { output: entry["tool_response"] } : { error: said }),
      reason: denial?.reason,
      agentId,
    });
  }
}

/** A call that began under an earlier relay may have ended while none was there; then its text must tell. */
function judge({ boot }: Draft, call: RunningTool | undefined, said: string): Outcome {
  if (call?.asked || call?.boot === boot) return "denied";
  return /^(Exit code|Error)/.test(said) ? "failed" : "succeeded";
}

function resultText(response: unknown): string {
  if (typeof response === "string") return response;
  if (!Array.isArray(response)) return "";
  return response.map((block) => textOf(block, "text") ?? "").join("\n");
}
