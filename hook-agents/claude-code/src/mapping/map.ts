import type { Command } from "@sessions/contract";

import { meetAgent, startAgent, stopAgent } from "./agents.ts";
import { endBatch } from "./batch.ts";
import { learnDecisions } from "./decisions.ts";
import { createDraft, type Draft, type Observation } from "./draft.ts";
import { completeGoal, createGoal } from "./goals.ts";
import { textOf } from "./payload.ts";
import {
  createSession,
  endSession,
  finalize,
  learnModel,
  processGoneReason,
  startSession,
  type Surroundings,
  tellHandOver,
} from "./session.ts";
import type { MappingState } from "./state.ts";
import { failTool, finishTool, interruptTools, startTool } from "./tools.ts";
import { endTurn, failTurn, goOn, notify, requestPermission, submitPrompt } from "./turns.ts";
import { countUsage } from "./usage.ts";

type Handler = (draft: Draft) => void;

/** The relay's own: the Claude process is gone and nothing said so. */
export const processGone = "ProcessGone";

/** By hook. What isn't here is taken and leaves no record. */
const handlers: Readonly<Record<string, Handler>> = {
  SessionStart: startSession,
  SessionEnd: (draft) => endSession(draft),
  [processGone]: (draft) => endSession(draft, processGoneReason),
  UserPromptSubmit: submitPrompt,
  Stop: endTurn,
  StopFailure: failTurn,
  PreToolUse: startTool,
  PostToolUse: finishTool,
  PostToolUseFailure: failTool,
  PostToolBatch: endBatch,
  PermissionRequest: requestPermission,
  PermissionDenied: (draft) =>
    draft.action("permission_denied", {
      tool: textOf(draft.payload, "tool_name"),
      tool_use_id: textOf(draft.payload, "tool_use_id"),
      reason: textOf(draft.payload, "reason"),
    }),
  Notification: notify,
  SubagentStart: startAgent,
  SubagentStop(draft) {
    interruptTools(draft, textOf(draft.payload, "agent_id"));
    stopAgent(draft);
  },
  TaskCreated: createGoal,
  TaskCompleted: completeGoal,
  PreCompact(draft) {
    draft.phase("compacting");
    draft.action("compact_start", {
      trigger: textOf(draft.payload, "trigger"),
      instructions: textOf(draft.payload, "custom_instructions"),
    });
  },
  PostCompact(draft) {
    draft.phase(draft.state.turn === "open" ? "working" : "idle");
    draft.action("compact_end", {
      trigger: textOf(draft.payload, "trigger"),
      summary: textOf(draft.payload, "compact_summary"),
    });
  },
  CwdChanged(draft) {
    const workingDirectory = textOf(draft.payload, "new_cwd") ?? null;
    draft.action("working_directory_changed", {
      from: textOf(draft.payload, "old_cwd"),
      to: workingDirectory,
    });
    draft.patch({ workspace: { workingDirectory } });
  },
  PostModelSwitch: (draft) => learnModel(draft, textOf(draft.payload, "to_model")),
};

/** Hooks that show the agent at work, whatever it waited for before. */
const atWork: ReadonlySet<string> = new Set([
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PostToolBatch",
  "Stop",
  "SubagentStop",
]);

/**
 * One hook's records. Pure: time, numbers and what stood on disk come with the observation.
 * @returns the commands in order, and the state for the next hook of the same session
 */
export function map(
  before: MappingState,
  observation: Observation,
  surroundings: Surroundings,
): { state: MappingState; commands: Command[] } {
  const state = structuredClone(before);
  const draft = createDraft(observation, state);
  const { hook_event_name: hook } = observation.payload;

  createSession(draft, surroundings);
  const wasOver = state.endReason !== undefined;
  if (wasOver && hook === processGone) return { state, commands: [] };
  if (observation.restored) tellHandOver(draft, observation.restored, surroundings);
  if (hook !== "SubagentStart") meetAgent(draft);
  learnUsage(draft);
  learnDecisions(draft);
  if (atWork.has(hook)) goOn(draft);
  handlers[hook]?.(draft);
  // On some versions StopFailure comes behind SessionEnd, and a record opens the session again.
  if (wasOver && hook !== "SessionStart" && hook !== "SessionEnd") {
    if (draft.commands().length > 0) finalize(draft);
  }
  return { state, commands: draft.commands() };
}

function learnUsage(draft: Draft): void {
  const { transcript = [], state } = draft;
  if (!countUsage(state.usage, transcript)) return;
  const { total, byModel } = state.usage;
  draft.patch({ usage: { ...total, byModel } });
  learnModel(draft, transcript.findLast(({ agentId }) => agentId === undefined)?.model);
}
