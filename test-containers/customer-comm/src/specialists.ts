import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";

import type { DeskState, Specialist } from "./desk.ts";
import type { Shop } from "./shop.ts";

type Node = (state: DeskState) => Promise<Partial<DeskState>>;

/** Each looks at what it may see, asks its model, and reports; the writer's report is the reply. */
export function createSpecialists(
  models: Record<Specialist, BaseChatModel>,
  { findOrder, findPayments }: Shop,
): Record<Specialist, Node> {
  async function report(model: BaseChatModel, state: DeskState, facts: string) {
    const task = state.tasks[state.reports.length];
    if (task === undefined) throw new Error("there is no task left");
    const answer = await model.invoke([
      new SystemMessage(`${task.goal}. What is known: ${facts}`),
      new HumanMessage(state.letter),
    ]);
    return { reports: [{ goalId: task.goalId, text: answer.text }] };
  }

  return {
    async orders(state) {
      const facts: unknown = await findOrder.invoke({ order: orderIn(state.letter) });
      return report(models.orders, state, String(facts));
    },
    async billing(state) {
      const facts: unknown = await findPayments.invoke({ order: orderIn(state.letter) });
      return report(models.billing, state, String(facts));
    },
    async writer(state) {
      const facts = state.reports.map(({ text }) => text).join(" ");
      const { reports } = await report(models.writer, state, facts);
      return { reports, reply: reports.map(({ text }) => text).join("\n") };
    },
  };
}

function orderIn(letter: string): string {
  const order = /order (\d+)/i.exec(letter)?.[1];
  if (order === undefined) throw new Error("the letter names no order");
  return order;
}
