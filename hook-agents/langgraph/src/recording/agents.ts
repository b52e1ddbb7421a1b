import type { HookAgent } from "@sessions/hook-agent";

import { brief } from "./readable.ts";
import type { AgentRun, Run } from "./run.ts";
import { noTokens } from "./tokens.ts";

/** They stay in the state document, which is bounded. */
const briefChars = 400;

export interface Agents {
  /** Spawns the agent that the run is, if it is one. */
  enter(run: Run, input: unknown): void;
  /** Completes the agent that the run is, and with a graph its governor. */
  leave(run: Run, status: "completed" | "failed" | "stopped", result: unknown): void;
}

/**
 * A run of a node, graph or tool named in `names` is an agent, from its start to its end. Its parent is the agent
 * that it runs inside of, or else the graph's governor, or else the session's main agent. The governor's node runs
 * again and again between the others and is one agent, which ends with the graph.
 */
export function createAgents(
  agent: HookAgent,
  names: ReadonlySet<string>,
  governor: string | undefined,
): Agents {
  const spawn = (
    { runId, name: type }: Run,
    input: unknown,
    parentAgentId: string | null,
  ): AgentRun => {
    const task = input === undefined ? {} : { task: brief(input, briefChars) };
    agent.spawnAgent({ agentId: runId, type, parentAgentId, ...task });
    return { agentId: runId, runId, type, parentAgentId, tokens: noTokens };
  };

  const complete = (
    { agentId, parentAgentId, tokens }: AgentRun,
    status: "completed" | "failed" | "stopped",
    result: unknown,
  ) => {
    const told = result === undefined ? {} : { result: brief(result, briefChars) };
    agent.completeAgent(agentId, { status, parentAgentId, ...told, usage: { ...tokens } });
  };

  return {
    enter(run, input) {
      const { root, name } = run;
      if (run.kind === "model" || run.kind === "graph") return;
      if (name === governor) {
        run.agent = root.governor ??= spawn(run, input, run.agent?.agentId ?? null);
        return;
      }
      // A compiled graph that is a node comes as two runs, and may have the node's name.
      const isAgain = run.agent?.type === name && run.agent.runId === run.parentRunId;
      if (!names.has(name) || isAgain) return;
      run.agent = spawn(run, input, (run.agent ?? root.governor)?.agentId ?? null);
    },
    leave(run, status, result) {
      if (run.governor !== undefined) complete(run.governor, status, undefined);
      if (run.agent?.runId === run.runId && run.agent !== run.root.governor)
        complete(run.agent, status, result);
    },
  };
}
