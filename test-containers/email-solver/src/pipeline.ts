import { END, START, StateGraph } from "@langchain/langgraph";

import { Mail, spam } from "./mail.ts";
import type { Models } from "./models.ts";
import { createNodes } from "./nodes.ts";

/** read → classify → extract → drafter → reviewer, which may send a draft back; spam ends early. */
export function createPipeline(models: Models) {
  const { read, classify, extract, drafter, reviewer } = createNodes(models);
  return new StateGraph(Mail)
    .addNode("read", read)
    .addNode("classify", classify)
    .addNode("extract", extract)
    .addNode("drafter", drafter)
    .addNode("reviewer", reviewer)
    .addEdge(START, "read")
    .addEdge("read", "classify")
    .addConditionalEdges("classify", ({ category }) => (category === spam ? END : "extract"))
    .addEdge("extract", "drafter")
    .addEdge("drafter", "reviewer")
    .addConditionalEdges("reviewer", ({ objection }) => (objection === "" ? END : "drafter"))
    .compile({ name: "email-solver" });
}
