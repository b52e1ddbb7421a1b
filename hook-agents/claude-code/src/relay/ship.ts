import type { Command } from "@sessions/contract";
import type {
  Action,
  AgentCompletion,
  Finalize,
  Goal,
  GoalPatch,
  HookAgent,
  MetadataPatch,
  Response,
  SpawnedAgent,
} from "@sessions/hook-agent";

/**
 * Spools one command under its id. `session_created` is the agent's own: it sends what it was made with.
 * The contract's types differ from the hook agent's by the brands of checked ids only.
 */
export function ship(agent: HookAgent, command: Command): void {
  const { type, id, data } = command;
  const options = id === undefined ? {} : { id };
  switch (type) {
    case "session_created":
      return;
    case "action":
      return void agent.logAction(data as Action, options);
    case "response":
      return void agent.logResponse(data as Response, options);
    case "state_updated":
      return void agent.updateState(data.patch, { mode: data.mode, ...options });
    case "goal_added":
      return void agent.addGoal(data as Goal, options);
    case "goal_updated":
      return void agent.updateGoal(data.goalId, data.patch as GoalPatch, options);
    case "agent_spawned":
      return void agent.spawnAgent(data as SpawnedAgent, options);
    case "agent_completed":
      return void agent.completeAgent(data.agentId, data.completion as AgentCompletion, options);
    case "metadata_updated":
      return void agent.updateMetadata(data as MetadataPatch, options);
    case "transcript_entry":
      return void agent.logEntry(data, data.entry, options);
    case "session_finalized":
      return void agent.finalize(data as Finalize, options);
  }
}
