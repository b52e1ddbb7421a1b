import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import {
  Annotation,
  Command,
  MemorySaver,
  START,
  StateGraph,
  interrupt,
} from "@langchain/langgraph";
import { describe, expect, it } from "vitest";

import { freePort, shareService } from "../../node/test/support/service.ts";
import { Notes } from "./support/graphs.ts";
import { record } from "./support/recorded.ts";

const shared = shareService();

describe("a graph", () => {
  const graph = new StateGraph(Notes)
    .addNode("classify", ({ task }) => ({ log: [`classified ${task}`] }))
    .addNode("reply", () => ({ log: ["replied"] }))
    .addEdge(START, "classify")
    .addEdge("classify", "reply")
    .compile({ name: "mail" });

  it("is one action for each run of a node, in order, and one for itself", async () => {
    const { callbacks, read } = record(shared.current);
    await graph.invoke({ task: "mail" }, { callbacks });
    const { nodes, of } = await read();
    expect(nodes).toMatchObject([
      { node: "classify", step: 1, outcome: "succeeded", input: { task: "mail", log: [] } },
      { node: "reply", step: 2, outcome: "succeeded", output: { log: ["replied"] } },
    ]);
    for (const { startedAt, durationMs, runId } of [...nodes, ...of("graph_run")]) {
      expect(String(startedAt)).toMatch(/^\d{4}-.*Z$/);
      expect(durationMs).toBeGreaterThanOrEqual(0);
      expect(runId).not.toBe("");
    }
    expect(of("graph_run")).toMatchObject([{ graph: "mail", outcome: "succeeded" }]);
  });

  it("shows in the state what it is doing, and that it rests when it is over", async () => {
    const { callbacks, read, sessionId } = record(shared.current);
    await graph.invoke({ task: "mail" }, { callbacks });
    const { state, activity } = await read();
    expect(state).toMatchObject({ phase: "idle", currentStep: null });
    expect(activity["status"]).toBe("idle");
    const patches = (await shared.current.events(sessionId))
      .filter(({ type }) => type === "state_updated")
      .map(({ data }) => (data as { patch: Record<string, unknown> }).patch);
    const steps = patches.flatMap((patch) =>
      "currentStep" in patch ? [patch["currentStep"]] : [],
    );
    expect(patches[0]).toMatchObject({ phase: "working" });
    expect(steps).toMatchObject([
      { tool: "classify", summary: "step 1" },
      null,
      { tool: "reply", summary: "step 2" },
      null,
      null,
    ]);
  });

  it("tells why a node failed, and leaves the error to the caller", async () => {
    const failing = new StateGraph(Notes)
      .addNode("bad", () => {
        throw new RangeError("no such mail");
      })
      .addEdge(START, "bad")
      .compile();
    const { callbacks, read } = record(shared.current);
    await expect(failing.invoke({ task: "x" }, { callbacks })).rejects.toThrow("no such mail");
    const { nodes, of, activity } = await read();
    const failed = { outcome: "failed", error: "RangeError: no such mail" };
    expect(nodes).toMatchObject([{ node: "bad", ...failed }]);
    expect(of("graph_run")).toMatchObject([failed]);
    expect(activity["status"]).toBe("idle");
  });

  it("waits while it is interrupted, with what it asks, and goes on with the answer", async () => {
    const asking = new StateGraph(Notes)
      .addNode("ask", () => ({ log: [String(interrupt("Send it to Ada?"))] }))
      .addEdge(START, "ask")
      .compile({ checkpointer: new MemorySaver() });
    const { callbacks, read } = record(shared.current);
    const config = { callbacks, configurable: { thread_id: "1" } };
    await asking.invoke({ task: "x" }, config);
    const waiting = await read();
    expect(waiting.nodes).toMatchObject([{ node: "ask", outcome: "interrupted" }]);
    expect(waiting.activity).toMatchObject({
      status: "waiting",
      waiting: { reason: "interrupt", detail: "Send it to Ada?" },
    });
    expect(waiting.responses).toEqual([]);

    await asking.invoke(new Command({ resume: "yes" }), config);
    const { nodes, activity, of } = await read();
    expect(nodes[1]).toMatchObject({ outcome: "succeeded", output: { log: ["yes"] } });
    expect(of("graph_run")).toMatchObject([
      { outcome: "interrupted", threadId: "1" },
      { outcome: "succeeded" },
    ]);
    expect(activity).toMatchObject({ status: "idle", waiting: null });
  });

  it("is over when it is aborted, though LangGraph doesn't say so", async () => {
    const abort = new AbortController();
    const slow = new StateGraph(Notes)
      .addNode("slow", async (_state, { signal }) => {
        abort.abort();
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        return {};
      })
      .addEdge(START, "slow")
      .compile();
    const { callbacks, read } = record(shared.current);
    const call = slow.invoke({ task: "x" }, { callbacks, signal: abort.signal });
    await expect(call).rejects.toThrow(/abort/i);
    const { nodes, of, activity } = await read();
    expect(nodes).toMatchObject([{ node: "slow", outcome: "interrupted" }]);
    expect(of("graph_run")).toMatchObject([{ outcome: "interrupted" }]);
    expect(activity["status"]).toBe("idle");
  });

  it("cuts what a state has gathered, and keeps its end", async () => {
    const { callbacks, read } = record(shared.current);
    const log = Array.from({ length: 1_000 }, (_, n) => `${n}:${"x".repeat(2_000)}`);
    await graph.invoke({ task: "t".repeat(1_000_000), log }, { callbacks });
    const { nodes } = await read();
    expect(Buffer.byteLength(JSON.stringify(nodes))).toBeLessThan(400_000);
    const { input } = nodes[0] as { input: { task: string; log: string[] } };
    expect(input.task).toMatch(/^t{16384}… \(983616 more characters\)$/);
    expect(input.log.at(-1)).toBe(log.at(-1));
    expect(input.log[0]).toMatch(/^\[\d+ earlier\]$/);
  });
});

describe("the graph", () => {
  it("never notices that there is no service, and finds its records on disk at once", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { agent, callbacks } = record({ url });
    const seen: number[] = [];
    const look = () => {
      seen.push(agent.stats().queued);
      return { log: [] };
    };
    const graph = new StateGraph(Notes)
      .addNode("first", look)
      .addNode("second", look)
      .addEdge(START, "first")
      .addEdge("first", "second")
      .compile();
    await graph.invoke({ task: "x" }, { callbacks });
    const [first = 0, second = 0] = seen;
    expect(second).toBeGreaterThan(first);
    expect(agent.stats().memoryBytes).toBe(0);
    expect(agent.stats().queued).toBeGreaterThan(second);
  });

  it("is recorded at once also beside a handler that never comes to an end", async () => {
    const hung = BaseCallbackHandler.fromMethods({ handleChainStart: () => new Promise(() => {}) });
    const { callbacks, read } = record(shared.current);
    const graph = new StateGraph(Notes)
      .addNode("only", () => ({}))
      .addEdge(START, "only")
      .compile();
    await graph.invoke({ task: "x" }, { callbacks: [hung, ...callbacks] });
    const { nodes, of } = await read();
    expect([nodes.length, of("graph_run").length]).toEqual([1, 1]);
  });

  it("never notices values that can't be read", async () => {
    const hostile = {
      get trap(): string {
        throw new Error("trap");
      },
      toJSON() {
        throw new Error("trap");
      },
    };
    const Odd = Annotation.Root({ odd: Annotation<unknown>() });
    const loop: Record<string, unknown> = {};
    loop["loop"] = loop;
    const graph = new StateGraph(Odd)
      .addNode("a", () => ({ odd: hostile }))
      .addNode("b", () => ({ odd: loop }))
      .addNode("c", () => ({ odd: 10n ** 30n }))
      .addEdge(START, "a")
      .addEdge("a", "b")
      .addEdge("b", "c")
      .compile();
    const answerOf = () => {
      throw new Error("trap");
    };
    const { callbacks, read } = record(shared.current, { agents: ["a", "b", "c"], answerOf });
    await expect(graph.invoke({ odd: 1 }, { callbacks })).resolves.toEqual({ odd: 10n ** 30n });
    const { nodes, state } = await read();
    const outputs = nodes.map(({ output }) => JSON.stringify(output));
    expect(outputs[0]).toBe('{"odd":"[unreadable]"}');
    expect(outputs[1]).toMatch(/^\{"odd":(\{"loop":){5,}"\[cut\]"\}+$/);
    expect(outputs[2]).toBe(`{"odd":"1${"0".repeat(30)}"}`);
    expect(state.agents.map(({ status }) => status)).toEqual([
      "completed",
      "completed",
      "completed",
    ]);
    expect(state["phase"]).toBe("idle");
  });
});
