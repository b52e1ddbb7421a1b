import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { END, START, StateGraph } from "@langchain/langgraph";
import type { HookAgent } from "@sessions/hook-agent";

import { Desk, specialists, type Specialist } from "./desk.ts";
import { createGovernor } from "./governor.ts";
import type { Shop } from "./shop.ts";
import { createSpecialists } from "./specialists.ts";

/** A specialist that fails is tried again by LangGraph; the record shows each try as an agent of its own. */
const retryPolicy = { maxAttempts: 3, initialInterval: 200, logWarning: false };

export interface Parts {
  readonly models: Record<"governor" | Specialist, BaseChatModel>;
  readonly shop: Shop;
  /** For the goals, which LangGraph knows nothing of. */
  readonly agent: HookAgent;
}

export function createGraph({ models, shop, agent }: Parts) {
  const { orders, billing, writer } = createSpecialists(models, shop);
  return new StateGraph(Desk)
    .addNode("governor", createGovernor(models.governor, agent), { ends: [...specialists, END] })
    .addNode("orders", orders, { retryPolicy })
    .addNode("billing", billing, { retryPolicy })
    .addNode("writer", writer, { retryPolicy })
    .addEdge(START, "governor")
    .addEdge("orders", "governor")
    .addEdge("billing", "governor")
    .addEdge("writer", "governor")
    .compile({ name: "customer-comm" });
}
