import type { Command } from "@sessions/contract";
import type {
  Action,
  AgentCompletion,
  Finalize,
  Goal,
  GoalPatch,
  HookAgent,
  Logged,
  MetadataPatch,
  Response,
  SpawnedAgent,
} from "@sessions/hook-agent";

/**
 * Spools one command under its id. `session_created` is the agent's own: it sends what it was made with.
 * The contract's types differ from the hook agent's by the brands of checked ids only.
 */
export function ship(agent: HookAgent, command: Command): Logged | undefined {
  const { type, id, data } = command;
  const options = id === undefined ? {} : { id };
  switch (type) {
    case "session_created":
      return undefined;
    case "action":
      return agent.logAction(data as Action, options);
    case "response":
      return agent.logResponse(data as Response, options);
    case "state_updated":
      return agent.updateState(data.patch, { mode: data.mode, ...options });
    case "goal_added":
      return agent.addGoal(data as Goal, options);
    case "goal_updated":
      return agent.updateGoal(data.goalId, data.patch as GoalPatch, options);
    case "agent_spawned":
      return agent.spawnAgent(data as SpawnedAgent, options);
    case "agent_completed":
      return agent.completeAgent(data.agentId, data.completion as AgentCompletion, options);
    case "metadata_updated":
      return agent.updateMetadata(data as MetadataPatch, options);
    case "transcript_entry":
      return agent.logEntry(data, data.entry, options);
    case "session_finalized":
      return agent.finalize(data as Finalize, options);
  }
}
