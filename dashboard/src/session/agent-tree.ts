import type { AgentView } from "../core/wire.ts";

export interface AgentNode {
  readonly agent: AgentView;
  readonly children: readonly AgentNode[];
}

/** A tree by parent; an agent whose parent is unknown, or that is its own ancestor, stands at the top. */
export function treeOf(agents: readonly AgentView[]): AgentNode[] {
  const known = new Map(agents.map((agent) => [agent.agentId, agent]));
  const isRoot = (agent: AgentView) => {
    const seen = new Set<string>([agent.agentId]);
    let parent = known.get(agent.parentAgentId ?? "");
    if (parent === undefined) return true;
    while (parent !== undefined) {
      if (seen.has(parent.agentId)) return true;
      seen.add(parent.agentId);
      parent = known.get(parent.parentAgentId ?? "");
    }
    return false;
  };
  const roots = agents.filter(isRoot);
  const rootIds = new Set(roots.map(({ agentId }) => agentId));
  const nodeOf = (agent: AgentView): AgentNode => ({
    agent,
    children: agents
      .filter(
        ({ agentId, parentAgentId }) => parentAgentId === agent.agentId && !rootIds.has(agentId),
      )
      .map(nodeOf),
  });
  return roots.map(nodeOf);
}
