import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { Command, END } from "@langchain/langgraph";
import type { HookAgent } from "@sessions/hook-agent";

import { type DeskState, specialists, type Task } from "./desk.ts";

const instructions = `You run a customer desk with the specialists ${specialists.join(", ")}. Answer with a JSON array
of tasks in the order in which they are to be done: {"goalId", "specialist", "goal", "priority"}. The writer comes last.`;

/** Plans once, then sends each task to its specialist; a goal is completed when the report is there. */
export function createGovernor(model: BaseChatModel, agent: HookAgent) {
  async function plan(letter: string): Promise<Task[]> {
    const answer = await model.invoke([new SystemMessage(instructions), new HumanMessage(letter)]);
    const tasks = parseTasks(answer.text);
    for (const { goalId, goal: description, specialist, priority } of tasks)
      agent.addGoal({ goalId, description, priority, specialist });
    return tasks;
  }

  return async ({ letter, tasks, reports }: DeskState): Promise<Command> => {
    const planned = tasks.length > 0 ? tasks : await plan(letter);
    const done = reports.at(-1);
    if (done) agent.updateGoal(done.goalId, { status: "completed" });
    const next = planned[reports.length];
    if (next === undefined) return new Command({ goto: END });
    agent.updateGoal(next.goalId, { status: "in_progress" });
    return new Command({ goto: next.specialist, update: { tasks: planned } });
  };
}

function parseTasks(text: string): Task[] {
  const tasks: unknown = JSON.parse(text);
  if (!Array.isArray(tasks) || tasks.length === 0 || !tasks.every(isTask))
    throw new Error(`the governor's answer is no plan: ${text}`);
  return tasks;
}

function isTask(value: unknown): value is Task {
  const { goalId, specialist, goal } = Object(value) as Partial<Record<keyof Task, unknown>>;
  return (
    typeof goalId === "string" &&
    typeof goal === "string" &&
    specialists.some((known) => known === specialist)
  );
}
