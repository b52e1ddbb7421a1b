import { execFileSync } from "node:child_process";

import { loadAgentSdk } from "../../../../hook-agents/agent-sdk/test/support/agent-sdk.ts";
import { installClaude } from "../../../../hook-agents/claude-code/test/support/claude.ts";
import type { Surroundings } from "./run-block.ts";

/** One way to record an agent: what it needs here, and what the store has to get of it. */
export interface Way extends Surroundings {
  /** Why it can't be tried here. */
  readonly reason?: string | undefined;
  /** Runs Claude Code with this prompt. */
  readonly prompt?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly event: { readonly type: string; readonly data: object };
}

const claude = await installClaude();
const sdk = await loadAgentSdk();
const noClaude = "reason" in claude ? claude.reason : undefined;
/** Its path. */
export const cli = "path" in claude ? claude.path : "";

const steps = [{ tool: "Bash", input: { command: "echo process_data" } }, { text: "Done" }];
const prompt = `Process it. SCRIPT:${JSON.stringify(steps)}`;
const processed = {
  type: "action",
  data: { type: "task_start", details: { task: "process_data" } },
};

export const ways: Readonly<Record<string, Way>> = {
  "Claude Code CLI": {
    reason: noClaude,
    prompt,
    event: {
      type: "action",
      data: { type: "tool_use", details: { ...steps[0], outcome: "succeeded" } },
    },
  },
  "Claude Agent SDK": {
    reason: noClaude ?? (sdk ? undefined : "there is no SDK"),
    prompt,
    env: { SDK_FILE: sdk?.file ?? "" },
    before: `
      const { CLAUDE_PROMPT: prompt, CLAUDE_CLI, SDK_FILE } = process.env;
      const sdk = await import(SDK_FILE);
      const query = ({ prompt, options }) => sdk.query({
        prompt,
        options: {
          ...options,
          pathToClaudeCodeExecutable: CLAUDE_CLI,
          permissionMode: "bypassPermissions",
          allowDangerouslySkipPermissions: true,
        },
      });`,
    event: {
      type: "transcript_entry",
      data: { entry: { type: "user", message: { content: [{ type: "text", text: prompt }] } } },
    },
  },
  "LangGraph.js": {
    before: `
      import { Annotation, START, StateGraph } from "@langchain/langgraph";
      const state = Annotation.Root({ n: Annotation() });
      const workflow = new StateGraph(state).addNode("double", ({ n }) => ({ n: 2 * n })).addEdge(START, "double");
      const input = { n: 21 };`,
    after: `
      const { values } = await graph.getState({ configurable: { thread_id: "1" } });
      if (values.n !== 42) throw new Error("the checkpoint is not there");
      await (await import("@sessions/hook-agent")).default.flush({ timeoutMs: 60_000 });`,
    event: {
      type: "action",
      data: { type: "node_run", details: { node: "double", outcome: "succeeded" } },
    },
  },
  Node: { after: "await hookAgent.flush({ timeoutMs: 60_000 });", event: processed },
  Python: {
    reason: hasPython() ? undefined : "there is no Python 3.9 or newer",
    after: "hook_agent.flush(60)",
    event: processed,
  },
  curl: { event: processed },
};

function hasPython(): boolean {
  try {
    execFileSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]);
    return true;
  } catch {
    return false;
  }
}
