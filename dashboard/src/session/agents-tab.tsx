import { formatDuration } from "../core/format.ts";
import { isMembers } from "../core/guards.ts";
import { briefOf, plainLine } from "../core/plain.ts";
import type { ShownStatus } from "../core/status.ts";
import { readAgents } from "../core/wire.ts";
import { summaryOf } from "../feed/row.ts";
import { JsonTree } from "../ui/json-tree.tsx";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Elapsed } from "../ui/time.tsx";
import { type AgentNode, treeOf } from "./agent-tree.ts";

export function AgentsTab({ state }: { state: unknown }) {
  const agents = readAgents(state);
  if (agents.length === 0) return <p class="message">This session has spawned no agent.</p>;
  return (
    <section class="pane" aria-label="Agents">
      <ul class="agents">
        {treeOf(agents).map((node) => (
          <AgentItem node={node} key={node.agent.agentId} />
        ))}
      </ul>
    </section>
  );
}

function AgentItem({ node: { agent, children } }: { node: AgentNode }) {
  const { task } = agent.members;
  const spawned = Date.parse(agent.spawnedAt);
  const completed = Date.parse(agent.completedAt ?? "");
  return (
    <li>
      <details>
        <summary>
          <StatusBadge status={agent.status satisfies ShownStatus} />
          <b>{plainLine(agent.type, 80)}</b>
          <span class="agent-task">
            {isMembers(task) ? (summaryOf(task) ?? briefOf(task)) : briefOf(task, 160)}
          </span>
          {Number.isNaN(completed) ? (
            agent.status === "running" && <Elapsed since={spawned} />
          ) : (
            <span class="number">{formatDuration(completed - spawned)}</span>
          )}
        </summary>
        <JsonTree value={agent.members} />
      </details>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <AgentItem node={child} key={child.agent.agentId} />
          ))}
        </ul>
      )}
    </li>
  );
}
