import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { SpawnedAgent } from "@sessions/hook-agent";
import { describe, expect, it } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { SessionCallbackHandler } from "../src/main.ts";
import { Notes, ScriptedModel, answer, governedGraph } from "./support/graphs.ts";
import { record } from "./support/recorded.ts";

const shared = shareService();

describe("models and tools", () => {
  const add = tool(({ a, b }: { a: number; b: number }) => String(a + b), {
    name: "add",
    description: "adds",
    schema: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
    },
  });
  const reasoning = (think = async () => {}) => {
    const call = { id: "call-1", name: "add", args: { a: 1, b: 2 } };
    const model = new ScriptedModel([
      answer("", [10, 5, 4], [call]),
      answer("It is 3.", [20, 7, 0]),
    ]);
    return new StateGraph(MessagesAnnotation)
      .addNode("agent", async ({ messages }) => {
        await think();
        return { messages: [await model.invoke(messages)] };
      })
      .addNode("tools", new ToolNode([add]))
      .addEdge(START, "agent")
      .addConditionalEdges("agent", ({ messages }) => (messages.length < 4 ? "tools" : END))
      .addEdge("tools", "agent")
      .compile();
  };

  it("sum up their tokens in the state and say the last answer once", async () => {
    const { callbacks, read } = record(shared.current);
    await reasoning().invoke({ messages: [new HumanMessage("1 + 2?")] }, { callbacks });
    const { state, responses, of, activity } = await read();
    const usage = { inputTokens: 26, outputTokens: 12, cacheReadInputTokens: 4 };
    expect(state["usage"]).toMatchObject(usage);
    expect(activity["usage"]).toMatchObject(usage);
    expect(responses).toMatchObject([{ type: "assistant_message", content: "It is 3." }]);
    expect(of("model_call")).toMatchObject([
      { model: "scripted-1", node: "agent", step: 1, usage: { inputTokens: 6, outputTokens: 5 } },
      { model: "scripted-1", node: "agent", step: 3, outcome: "succeeded" },
    ]);
  });

  it("sum up over all handlers of an agent, and over the processes of a session", async () => {
    const { url } = shared.current;
    const question = { messages: [new HumanMessage("1 + 2?")] };
    const first = record(shared.current);
    const { agent } = first;
    await reasoning().invoke(question, { callbacks: [new SessionCallbackHandler({ agent })] });
    await reasoning().invoke(question, { callbacks: [new SessionCallbackHandler({ agent })] });
    expect((await first.read()).state["usage"]).toMatchObject({ inputTokens: 52 });

    const second = record(shared.current, {}, first.sessionId);
    // A model takes longer than the service to say what was counted before.
    const slow = async () => {
      for (let n = 0; n < 5; n += 1) await fetch(`${url}/api/state/${first.sessionId}`);
    };
    await reasoning(slow).invoke(question, { callbacks: second.callbacks });
    const { state } = await second.read();
    expect(state["usage"]).toMatchObject({ inputTokens: 78, cacheReadInputTokens: 12 });
  });

  it("is one tool_use for each call, as Claude Code's are", async () => {
    const { callbacks, read } = record(shared.current);
    await reasoning().invoke({ messages: [new HumanMessage("1 + 2?")] }, { callbacks });
    const { of, nodes, state } = await read();
    expect(of("tool_use")).toMatchObject([
      {
        tool: "add",
        tool_use_id: "call-1",
        node: "tools",
        outcome: "succeeded",
        input: { a: 1, b: 2 },
        output: { role: "tool", content: "3" },
      },
    ]);
    expect(nodes[0]).toMatchObject({
      input: { messages: [{ role: "human", content: "1 + 2?" }] },
      output: { messages: [{ role: "ai", toolCalls: [{ name: "add" }] }] },
    });
    expect(state["running"]).toEqual({});
  });

  it("tells which model call failed", async () => {
    const model = new ScriptedModel([]);
    const graph = new StateGraph(Notes)
      .addNode("write", async () => ({ log: [(await model.invoke("x")).text] }))
      .addEdge(START, "write")
      .compile();
    const { callbacks, read } = record(shared.current);
    await expect(graph.invoke({ task: "x" }, { callbacks })).rejects.toThrow("the script is over");
    const { of } = await read();
    expect(of("model_call")).toMatchObject([
      { node: "write", outcome: "failed", error: "the script is over" },
    ]);
  });

  it("gives the answer that the caller picks out of the final state", async () => {
    const { callbacks, read } = record(shared.current, {
      answerOf: (state) => (state as typeof Notes.State).log.at(-1),
    });
    const model = new ScriptedModel([answer("found", [1, 1, 0]), answer("Dear Ada", [1, 1, 0])]);
    await governedGraph(model).invoke({ task: "reply" }, { callbacks });
    expect((await read()).responses).toMatchObject([{ content: "Dear Ada" }]);
  });
});

describe("agents", () => {
  const script = () => [answer("found", [10, 1, 0]), answer("Dear Ada", [20, 2, 0])];

  it("are the runs of the nodes that are named, below the session's main agent", async () => {
    const { callbacks, read } = record(shared.current, { agents: ["researcher", "writer"] });
    await governedGraph(new ScriptedModel(script())).invoke({ task: "reply" }, { callbacks });
    const { state, nodes } = await read();
    expect(state.agents).toMatchObject([
      { type: "researcher", parentAgentId: null, status: "completed", usage: { inputTokens: 10 } },
      { type: "writer", parentAgentId: null, status: "completed", usage: { outputTokens: 2 } },
    ]);
    const [researcher, writer] = state.agents.map(({ agentId }) => agentId);
    expect(nodes.map(({ node, path, agentId }) => [node, path, agentId])).toEqual([
      ["governor", undefined, undefined],
      ["search", "researcher/search", researcher],
      ["summarise", "researcher/summarise", researcher],
      ["researcher", undefined, researcher],
      ["governor", undefined, undefined],
      ["writer", undefined, writer],
      ["governor", undefined, undefined],
    ]);
  });

  it("have the governor above them, which is one agent until the graph ends", async () => {
    const options = { agents: ["researcher", "writer", "search"], governor: "governor" };
    const { callbacks, read, sessionId } = record(shared.current, options);
    await governedGraph(new ScriptedModel(script())).invoke({ task: "reply" }, { callbacks });
    const { state } = await read();
    const [governor, researcher] = state.agents;
    expect(state.agents).toMatchObject([
      { type: "governor", parentAgentId: null, status: "completed" },
      { type: "researcher", parentAgentId: governor?.agentId },
      { type: "search", parentAgentId: researcher?.agentId },
      { type: "writer", parentAgentId: governor?.agentId },
    ]);
    const ends = (await shared.current.events(sessionId))
      .filter(({ type }) => type === "agent_completed")
      .map(({ data }) => (data as { agent: SpawnedAgent }).agent.type);
    expect(ends).toEqual(["search", "researcher", "writer", "governor"]);
  });

  it("have failed when their node did", async () => {
    const { callbacks, read } = record(shared.current, { agents: ["writer"] });
    const graph = governedGraph(new ScriptedModel([answer("found", [1, 1, 0])]));
    await expect(graph.invoke({ task: "reply" }, { callbacks })).rejects.toThrow(
      "the script is over",
    );
    const { state } = await read();
    expect(state.agents).toMatchObject([
      { type: "writer", status: "failed", result: "the script is over" },
    ]);
  });
});
