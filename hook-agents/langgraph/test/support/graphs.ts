import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Annotation, Command, END, START, StateGraph } from "@langchain/langgraph";

/** A model that gives these messages one after another, also to parallel callers. */
export class ScriptedModel extends FakeListChatModel {
  readonly #answers: AIMessage[];

  constructor(answers: readonly AIMessage[]) {
    super({ responses: [""] });
    this.#answers = [...answers];
  }

  override async _generate(_messages: BaseMessage[]) {
    const message = this.#answers.shift();
    if (message === undefined) throw new Error("the script is over");
    return { generations: [{ message, text: message.text }] };
  }
}

/** An answer that cost so many tokens, `cached` of the input ones out of a cache. */
export function answer(
  content: string,
  [input, output, cached]: readonly [number, number, number],
  toolCalls: NonNullable<AIMessage["tool_calls"]> = [],
): AIMessage {
  const message = new AIMessage({
    content,
    tool_calls: toolCalls,
    response_metadata: { model_name: "scripted-1" },
  });
  // The declared type of the field depends on the provider's.
  return Object.assign(message, {
    usage_metadata: {
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
      input_token_details: { cache_read: cached },
    },
  });
}

export const Notes = Annotation.Root({
  task: Annotation<string>(),
  log: Annotation<string[]>({ reducer: (before, more) => before.concat(more), default: () => [] }),
});

/** A governor that sends a customer's letter through a researcher, a graph of its own, and a writer. */
export function governedGraph(model: ScriptedModel) {
  const researcher = new StateGraph(Notes)
    .addNode("search", async () => ({ log: [(await model.invoke("search")).text] }))
    .addNode("summarise", () => ({ log: ["summarised"] }))
    .addEdge(START, "search")
    .addEdge("search", "summarise")
    .compile({ name: "researcher" });
  const order = ["researcher", "writer", END];
  let turn = 0;
  return new StateGraph(Notes)
    .addNode("governor", () => new Command({ goto: order[turn++] ?? END }), { ends: order })
    .addNode("researcher", researcher)
    .addNode("writer", async () => ({ log: [(await model.invoke("write")).text] }))
    .addEdge(START, "governor")
    .addEdge("researcher", "governor")
    .addEdge("writer", "governor")
    .compile();
}
