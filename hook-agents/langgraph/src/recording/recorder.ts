import type { HookAgent } from "@sessions/hook-agent";

import type { Agents } from "./agents.ts";
import type { ModelAnswer } from "./model-call.ts";
import {
  interruptValueOf,
  isAbort,
  isInterrupt,
  messageOf,
  outcomeOf,
  type Outcome,
} from "./outcome.ts";
import { brief, lastMessage, readable } from "./readable.ts";
import { createRuns, durationMs, type Run, type Start } from "./run.ts";
import { addTokens } from "./tokens.ts";
import { usageOf } from "./usage.ts";

/** Well below the silence after which the service thinks a session gone. */
const heartbeatMs = 30_000;
const summaryChars = 200;

export interface Recorder {
  start(start: Start): void;
  end(runId: string, output: unknown): void;
  answer(runId: string, answer: ModelAnswer): void;
  fail(runId: string, error: unknown): void;
}

export interface RecorderOptions {
  readonly agent: HookAgent;
  readonly agents: Agents;
  /** The graph's answer, from its final state. */
  readonly answerOf: ((state: unknown) => unknown) | undefined;
}

/** Turns the beginnings and ends of LangChain's runs into records of a session. */
export function createRecorder({ agent, agents, answerOf }: RecorderOptions): Recorder {
  const runs = createRuns();
  const usage = usageOf(agent);
  let shownStep: string | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  const patch = (members: Record<string, unknown>) => agent.updateState(members, { mode: "merge" });
  const act = (type: string, details: Record<string, unknown>) =>
    agent.logAction({ type, details });

  const showStep = () => {
    const run = runs.latestStep();
    if (run?.runId === shownStep) return;
    shownStep = run?.runId;
    patch({ currentStep: run === undefined ? null : stepOf(run) });
  };

  const settle = (run: Run, outcome: Outcome, output: unknown, error?: unknown) => {
    const status =
      outcome === "succeeded" ? "completed" : outcome === "failed" ? "failed" : "stopped";
    const reason = error === undefined ? {} : { error: messageOf(error) };
    const details = { outcome, ...timesOf(run), ...reason };
    if (run.kind === "node")
      act("node_run", {
        ...placeOf(run),
        ...details,
        input: run.input,
        output: readable(output),
      });
    if (run.kind === "tool") {
      act("tool_use", {
        tool: run.name,
        tool_use_id: run.metadata["tool_call_id"] ?? run.runId,
        ...placeOf(run),
        ...details,
        input: run.input,
        output: readable(output),
      });
      patch({ running: { [run.runId]: null } });
    }
    agents.leave(run, status, output ?? reason.error);
    if (run.kind === "graph") endGraph(run, outcome, output, details);
    else showStep();
  };

  const endGraph = (run: Run, outcome: Outcome, output: unknown, details: object) => {
    const { interrupt, metadata } = run;
    const isWaiting = interrupt !== undefined && outcome === "succeeded";
    act("graph_run", {
      graph: run.name,
      threadId: metadata["thread_id"],
      ...details,
      ...(isWaiting && { outcome: "interrupted" }),
    });
    try {
      const answer = outcome === "succeeded" && !isWaiting ? answerIn(run, output) : undefined;
      if (answer !== undefined)
        agent.logResponse({ type: "assistant_message", content: answer, runId: run.runId });
    } finally {
      if (!runs.hasRoot()) rest(isWaiting ? interrupt : undefined);
    }
  };

  const rest = (question: string | undefined) => {
    clearInterval(heartbeat);
    heartbeat = undefined;
    shownStep = undefined;
    const since = new Date().toISOString();
    const total = usage.settle();
    patch({
      ...(total !== undefined && { usage: { ...total } }),
      phase: question === undefined ? "idle" : "waiting",
      currentStep: null,
      waiting: question === undefined ? null : { reason: "interrupt", summary: question, since },
    });
  };

  const answerIn = (run: Run, output: unknown): unknown => {
    if (answerOf !== undefined) return readable(answerOf(output));
    const message = lastMessage(output);
    const text = message?.getType() === "ai" ? message.text : "";
    return text === "" ? run.answer : text;
  };

  return {
    start(start) {
      const run = runs.start(start);
      agents.enter(run, start.input);
      if (run.kind === "node" || run.kind === "tool") run.input = readable(start.input);
      if (run.kind === "graph") {
        usage.ask();
        patch({ phase: "working", waiting: null });
        heartbeat ??= setInterval(
          () => patch({ heartbeatAt: new Date().toISOString() }),
          heartbeatMs,
        ).unref();
      }
      if (run.kind === "tool") patch({ running: { [run.runId]: stepOf(run) } });
      showStep();
    },
    end(runId, output) {
      const run = runs.end(runId);
      if (run) settle(run, "succeeded", output);
    },
    answer(runId, { tokens, text, model }) {
      const run = runs.end(runId);
      usage.add(tokens);
      const total = usage.total();
      if (total !== undefined) patch({ usage: { ...total } });
      if (run === undefined) return;
      if (run.agent) run.agent.tokens = addTokens(run.agent.tokens, tokens);
      run.root.answer = text ?? run.root.answer;
      const { ls_model_name: asked } = run.metadata;
      act("model_call", {
        model: model ?? asked ?? run.name,
        ...placeOf(run),
        outcome: "succeeded",
        ...timesOf(run),
        usage: { ...tokens },
      });
    },
    fail(runId, error) {
      const run = runs.end(runId);
      if (run === undefined) return;
      const outcome = outcomeOf(error);
      if (isInterrupt(error)) run.root.interrupt = brief(interruptValueOf(error), summaryChars);
      settle(run, outcome, undefined, outcome === "succeeded" ? undefined : error);
      if (run.kind === "model")
        act("model_call", {
          model: run.metadata["ls_model_name"] ?? run.name,
          ...placeOf(run),
          outcome,
          ...timesOf(run),
          error: messageOf(error),
        });
      // LangGraph says nothing about the graph itself when it is aborted.
      const graph =
        run.kind === "node" &&
        isAbort(error) &&
        run.parent === run.root &&
        runs.end(run.root.runId);
      if (graph) settle(graph, "interrupted", undefined, error);
    },
  };
}

function placeOf(run: Run): Record<string, unknown> {
  const { metadata, kind, runId, parent, agent } = run;
  const namespace = metadata["langgraph_checkpoint_ns"];
  // `outer:<uuid>|inner:<uuid>`
  const path = typeof namespace === "string" ? namespace.replace(/:[^|]*/g, "").split("|") : [];
  return {
    node: kind === "node" ? run.name : metadata["langgraph_node"],
    step: metadata["langgraph_step"],
    ...(path.length > 1 && { path: path.join("/") }),
    runId,
    parentRunId: parent?.runId,
    agentId: agent?.agentId,
  };
}

function timesOf(run: Run) {
  return { startedAt: run.startedAt, durationMs: durationMs(run) };
}

function stepOf(run: Run): object {
  const step = run.metadata["langgraph_step"];
  const summary = run.kind === "tool" ? brief(run.input, summaryChars) : `step ${String(step)}`;
  return {
    tool: run.name,
    summary,
    since: run.startedAt,
    agentId: run.agent?.agentId ?? null,
  };
}
