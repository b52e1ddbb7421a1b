import { textOf } from "./payload.ts";
import type { RunningTool } from "./state.ts";

const summaryLength = 200;

/** `state.currentStep`: the call that began last of those that run. */
export function latestStep(tools: Record<string, RunningTool>): object | null {
  const [id, call] = Object.entries(tools).at(-1) ?? [];
  if (id === undefined || call === undefined) return null;
  return {
    tool: call.tool,
    summary: summaryOf(call.input),
    since: call.startedAt,
    toolUseId: id,
    agentId: call.agentId ?? null,
  };
}

/** What the call is about in one line: a command, a path, a question. */
export function summaryOf(input: unknown): string | null {
  const names = [
    "description",
    "command",
    "file_path",
    "path",
    "pattern",
    "url",
    "query",
    "prompt",
  ];
  const text = names.map((name) => textOf(input, name)).find(Boolean);
  return text?.split("\n", 1)[0]?.slice(0, summaryLength) ?? null;
}
