import { HumanMessage } from "@langchain/core/messages";
import {
  Annotation,
  Command,
  MessagesAnnotation,
  START,
  Send,
  StateGraph,
  interrupt,
} from "@langchain/langgraph";
import { describe, expect, it } from "vitest";

import { CheckpointSaver } from "../../src/saving/checkpoint-saver.ts";
import { createMemoryEntries } from "../support/memory-entries.ts";

const Notes = Annotation.Root({
  task: Annotation<string>(),
  log: Annotation<string[]>({ reducer: (before, more) => before.concat(more), default: () => [] }),
});
const config = { configurable: { thread_id: "t" } };

describe("a graph of LangGraph", () => {
  /** Each call is another process's: nothing is shared but the store. */
  const processes = () => {
    const entries = createMemoryEntries();
    return () => new CheckpointSaver(entries, { keep: 10 });
  };

  it("goes on within a subgraph that was interrupted, in another process", async () => {
    const saver = processes();
    const create = () => {
      const inner = new StateGraph(Notes)
        .addNode("prepare", () => ({ log: ["prepared"] }))
        .addNode("ask", () => ({ log: [`answer: ${String(interrupt("Send it?"))}`] }))
        .addEdge(START, "prepare")
        .addEdge("prepare", "ask")
        .compile();
      return new StateGraph(Notes)
        .addNode("before", () => ({ log: ["before"] }))
        .addNode("inner", inner)
        .addNode("after", () => ({ log: ["after"] }))
        .addEdge(START, "before")
        .addEdge("before", "inner")
        .addEdge("inner", "after")
        .compile({ checkpointer: saver() });
    };
    await create().invoke({ task: "x" }, config);
    const { tasks } = await create().getState(config);
    expect(tasks[0]?.interrupts[0]?.value).toBe("Send it?");
    const { log } = await create().invoke(new Command({ resume: "yes" }), config);
    expect(log).toEqual(["before", "before", "prepared", "answer: yes", "after"]);
  });

  it("repeats only those of its parallel tasks that had failed", async () => {
    const saver = processes();
    const ran: string[] = [];
    const create = (fails: boolean) =>
      new StateGraph(Notes)
        .addNode("plan", () => ({ log: ["plan"] }))
        .addNode("work", async ({ task }: typeof Notes.State) => {
          ran.push(task);
          // The other one is done by then.
          if (task === "b") await new Promise((resolve) => setImmediate(resolve));
          if (fails && task === "b") throw new Error("no luck");
          return { log: [task] };
        })
        .addEdge(START, "plan")
        .addConditionalEdges("plan", () => ["a", "b"].map((task) => new Send("work", { task })))
        .compile({ checkpointer: saver() });
    await expect(create(true).invoke({ task: "x" }, config)).rejects.toThrow("no luck");
    const { log } = await create(false).invoke(null, config);
    expect(log).toEqual(["plan", "a", "b"]);
    expect(ran).toEqual(["a", "b", "b"]);
  });

  it("goes back to an earlier step and on from there on another way", async () => {
    const saver = processes();
    const create = (ending: string) =>
      new StateGraph(Notes)
        .addNode("first", () => ({ log: ["first"] }))
        .addNode("second", () => ({ log: [ending] }))
        .addEdge(START, "first")
        .addEdge("first", "second")
        .compile({ checkpointer: saver() });
    await create("one").invoke({ task: "x" }, config);
    const history: { next: string[]; config: object }[] = [];
    for await (const state of create("one").getStateHistory(config)) history.push(state);
    expect(history.map(({ next }) => next)).toEqual([[], ["second"], ["first"], ["__start__"]]);
    const { log } = await create("two").invoke(null, history[1]?.config ?? {});
    expect(log).toEqual(["first", "two"]);
    expect((await create("x").getState(config)).values).toMatchObject({ log: ["first", "two"] });
    expect((await create("x").getState(history[0]?.config ?? {})).values).toMatchObject({
      log: ["first", "one"],
    });
  });

  it("remembers a long conversation in what its messages need, and gives them back as messages", async () => {
    const entries = createMemoryEntries();
    const turn = async (text: string) => {
      const graph = new StateGraph(MessagesAnnotation)
        .addNode("chat", ({ messages }) => ({
          messages: [new HumanMessage(`${messages.length}: ${"so ".repeat(200)}`)],
        }))
        .addEdge(START, "chat")
        .compile({ checkpointer: new CheckpointSaver(entries, { keep: 10 }) });
      return graph.invoke({ messages: [new HumanMessage(text)] }, config);
    };
    for (let n = 0; n < 60; n += 1) await turn(`turn ${n}`);
    const { messages } = await turn("last");
    expect(messages).toHaveLength(122);
    expect(messages[118]?.text).toBe("turn 59");
    expect(messages.every((message) => HumanMessage.isInstance(message))).toBe(true);
    const state = Buffer.byteLength(JSON.stringify(messages));
    expect(entries.bytes()).toBeLessThan(3 * state);
  });
});
