import type { GoalInput } from "@sessions/contract";

import type { Draft } from "./draft.ts";
import { isObject, textOf } from "./payload.ts";

type GoalStatus = NonNullable<GoalInput["status"]>;

const descriptionLength = 16_000;
/** The CLI's words for a task's status. */
const statuses: Readonly<Record<string, GoalStatus>> = {
  pending: "pending",
  in_progress: "in_progress",
  completed: "completed",
  deleted: "cancelled",
};

/** Task numbers begin at 1 in every Claude session, and several may be recorded as one session. */
const goalIdOf = ({ payload }: Draft, taskId: string) =>
  `task-${payload.session_id.slice(0, 8)}-${taskId.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 64)}`;

export function createGoal(draft: Draft): void {
  const taskId = textOf(draft.payload, "task_id");
  if (taskId === undefined) return;
  const goalId = goalIdOf(draft, taskId);
  const description = (textOf(draft.payload, "task_subject") ?? `task ${taskId}`).slice(
    0,
    descriptionLength,
  );
  const detail = textOf(draft.payload, "task_description")?.slice(0, descriptionLength);
  const known = draft.state.goals[goalId] !== undefined;
  draft.state.goals[goalId] = "pending";
  const more = { description, ...(detail && { detail }), status: "pending" as const };
  if (known) draft.push({ type: "goal_updated", data: { goalId, patch: more } });
  else draft.push({ type: "goal_added", data: { goalId, ...more } });
}

export function completeGoal(draft: Draft): void {
  const taskId = textOf(draft.payload, "task_id");
  if (taskId === undefined) return;
  if (draft.state.goals[goalIdOf(draft, taskId)] === undefined) createGoal(draft);
  setStatus(draft, taskId, "completed");
}

/** Only the answer of TaskUpdate tells what is neither created nor completed. */
export function followTaskUpdate(draft: Draft, output: unknown): void {
  if (draft.payload["tool_name"] !== "TaskUpdate" || !isObject(output)) return;
  const taskId = textOf(output, "taskId");
  const status = statuses[textOf(output["statusChange"], "to") ?? ""];
  if (taskId !== undefined && status !== undefined) setStatus(draft, taskId, status);
}

function setStatus(draft: Draft, taskId: string, status: GoalStatus): void {
  const goalId = goalIdOf(draft, taskId);
  const before = draft.state.goals[goalId];
  if (before === undefined || before === status) return;
  draft.state.goals[goalId] = status;
  draft.push({ type: "goal_updated", data: { goalId, patch: { status } } });
}
