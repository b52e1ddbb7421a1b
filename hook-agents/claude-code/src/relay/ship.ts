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
 * Spools one command. `session_created` is the agent's own: it sends what it was made with.
 * The contract's types differ from the hook agent's by the brands of checked ids only.
 */
export function ship(agent: HookAgent, command: Command): void {
  switch (command.type) {
    case "session_created":
      return;
    case "action":
      return void agent.logAction(command.data as Action);
    case "response":
      return void agent.logResponse(command.data as Response);
    case "state_updated":
      return void agent.updateState(command.data.patch, { mode: command.data.mode });
    case "goal_added":
      return void agent.addGoal(command.data as Goal);
    case "goal_updated":
      return void agent.updateGoal(command.data.goalId, command.data.patch as GoalPatch);
    case "agent_spawned":
      return void agent.spawnAgent(command.data as SpawnedAgent);
    case "agent_completed":
      return void agent.completeAgent(
        command.data.agentId,
        command.data.completion as AgentCompletion,
      );
    case "metadata_updated":
      return void agent.updateMetadata(command.data as MetadataPatch);
    case "session_finalized":
      return void agent.finalize(command.data as Finalize);
  }
}
