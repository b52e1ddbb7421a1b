import {
  type Agent,
  type AgentCompletion,
  type AgentInput,
  type Goal,
  type GoalInput,
  type GoalPatch,
  type State,
  limits,
} from "@sessions/contract";

import { ServiceError } from "./errors.ts";

interface ItemContext {
  /** ISO 8601. */
  readonly now: string;
  newId(): string;
}

export function newGoal(state: State, input: GoalInput, { now, newId }: ItemContext): Goal {
  const goalId = input.goalId ?? input.id ?? newId();
  if (state.goals.some((goal) => goal.goalId === goalId))
    throw new ServiceError("goal_exists", `the session has a goal ${goalId}`);
  if (state.goals.length >= limits.goals)
    throw new ServiceError("invalid_content", `a session has at most ${limits.goals} goals`);
  const status = input.status ?? "pending";
  return {
    ...input,
    goalId,
    id: goalId,
    status,
    priority: input.priority ?? "medium",
    createdAt: now,
    updatedAt: now,
    completedAt: status === "completed" ? now : null,
  };
}

export function changeGoal(goal: Goal, patch: GoalPatch, now: string): Goal {
  const changed: Goal = {
    ...goal,
    ...patch,
    goalId: goal.goalId,
    id: goal.id,
    createdAt: goal.createdAt,
    updatedAt: now,
  };
  const completedAt = changed.status === "completed" ? (goal.completedAt ?? now) : null;
  return { ...changed, completedAt };
}

export function newAgent(state: State, input: AgentInput, { now, newId }: ItemContext): Agent {
  const agentId = input.agentId ?? input.id ?? newId();
  if (state.agents.some((agent) => agent.agentId === agentId))
    throw new ServiceError("agent_exists", `the session has an agent ${agentId}`);
  if (state.agents.length >= limits.agents)
    throw new ServiceError("invalid_content", `a session has at most ${limits.agents} agents`);
  return {
    ...input,
    agentId,
    id: agentId,
    parentAgentId: input.parentAgentId ?? null,
    task: input.task ?? null,
    status: "running",
    spawnedAt: now,
    completedAt: null,
    result: null,
  };
}

export function completeAgent(agent: Agent, completion: AgentCompletion, now: string): Agent {
  const { agentId, id, type, spawnedAt } = agent;
  const kept = { agentId, id, type, spawnedAt };
  return { ...agent, status: "completed", ...completion, ...kept, completedAt: now };
}
