import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { FakeListChatModel } from "@langchain/core/utils/testing";

import type { Specialist, Task } from "./desk.ts";

const plan: readonly Task[] = [
  {
    goalId: "delivery",
    specialist: "orders",
    goal: "Find out what was shipped of order 4711",
    priority: "high",
  },
  {
    goalId: "refund",
    specialist: "billing",
    goal: "Find out what Ada Moreau paid twice",
    priority: "high",
  },
  {
    goalId: "reply",
    specialist: "writer",
    goal: "Tell Ada Moreau what happens now",
    priority: "medium",
  },
];

const reply = `Dear Ada Moreau,

you are right: one of your two lamps was left behind. It leaves our warehouse tomorrow.
The 118.00 EUR that were charged a second time on the 4th are on their way back to your card.

With apologies
Your customer desk`;

/**
 * The place for real models. These follow a script, so that the example runs without a key or a network.
 * @param thinkMs how long each answer takes, milliseconds
 */
export function createModels(thinkMs: number): Record<"governor" | Specialist, BaseChatModel> {
  const scripted = (...responses: string[]) =>
    new FakeListChatModel({ responses, sleep: thinkMs, emitCustomEvent: false });
  return {
    governor: scripted(JSON.stringify(plan)),
    orders: scripted("Two desk lamps were ordered and one was shipped, in parcel 0087-1."),
    billing: scripted("118.00 EUR were charged on the 3rd and again on the 4th: one too many."),
    writer: scripted(reply),
  };
}
