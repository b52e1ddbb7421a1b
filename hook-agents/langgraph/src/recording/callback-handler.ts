import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { DocumentInterface } from "@langchain/core/documents";
import type { Serialized } from "@langchain/core/load/serializable";
import type { BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import { type HookAgent, hookAgent } from "@sessions/hook-agent";

import { createAgents } from "./agents.ts";
import { readAnswer } from "./model-call.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import type { RunKind } from "./run.ts";

export interface SessionCallbackHandlerOptions {
  /** Made from the environment unless given. */
  agent?: HookAgent;
  /** Names of nodes, graphs and tools that are agents: each of their runs is one. */
  agents?: readonly string[];
  /** The node that routes to the others: one agent for the whole run of the graph, and their parent. */
  governor?: string;
  /** The graph's answer, from its final state. The last thing that a model said, unless given. */
  answerOf?: (state: unknown) => unknown;
}

type Metadata = Record<string, unknown>;

/**
 * Records the runs of a LangGraph.js graph: pass it in `callbacks`. It never throws into the graph and never waits.
 */
export class SessionCallbackHandler extends BaseCallbackHandler {
  override readonly name = "session_callback_handler";
  /**
   * Each call is done when it returns: records are on disk before the graph goes on, with their times. In the
   * queue that LangChain has for the others they would wait behind a slow handler, and be lost with the process.
   */
  override awaitHandlers = true;
  readonly #recorder: Recorder;
  #hasWarned = false;

  constructor(options: SessionCallbackHandlerOptions = {}) {
    super();
    const { agent = hookAgent, agents = [], governor, answerOf } = options;
    this.#recorder = createRecorder({
      agent,
      agents: createAgents(agent, new Set(agents), governor),
      answerOf,
    });
  }

  // The declared order of the arguments is the manager's; a handler gets them in this one.
  override handleChainStart(
    chain: Serialized,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags: string[] = [],
    metadata: Metadata = {},
    _runType?: string,
    runName?: string,
  ): void {
    const isNode = tags.some((tag) => tag.startsWith("graph:step:"));
    // The node that only takes the input in.
    const isShown = isNode && !tags.includes("langsmith:hidden");
    const node = metadata["langgraph_node"];
    const name = isNode && typeof node === "string" ? node : (runName ?? nameOf(chain));
    const kind: RunKind = isShown ? "node" : parentRunId === undefined ? "graph" : "step";
    this.#record(({ start }) => start({ runId, parentRunId, name, kind, input, metadata }));
  }

  override handleChainEnd(output: unknown, runId: string): void {
    this.#record(({ end }) => end(runId, output));
  }

  override handleChainError(error: unknown, runId: string): void {
    this.#record(({ fail }) => fail(runId, error));
  }

  override handleChatModelStart(
    model: Serialized,
    _messages: BaseMessage[][],
    runId: string,
    parentRunId?: string,
    _extra?: Metadata,
    _tags?: string[],
    metadata: Metadata = {},
    runName?: string,
  ): void {
    const name = runName ?? nameOf(model);
    this.#record(({ start }) => start({ runId, parentRunId, name, kind: "model", metadata }));
  }

  override handleLLMStart(
    model: Serialized,
    _prompts: string[],
    runId: string,
    parentRunId?: string,
    _extra?: Metadata,
    _tags?: string[],
    metadata: Metadata = {},
    runName?: string,
  ): void {
    const name = runName ?? nameOf(model);
    this.#record(({ start }) => start({ runId, parentRunId, name, kind: "model", metadata }));
  }

  override handleLLMEnd(output: LLMResult, runId: string): void {
    this.#record(({ answer }) => answer(runId, readAnswer(output)));
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#record(({ fail }) => fail(runId, error));
  }

  override handleToolStart(
    tool: Serialized,
    input: string,
    runId: string,
    parentRunId?: string,
    _tags?: string[],
    metadata: Metadata = {},
    runName?: string,
    toolCallId?: string,
  ): void {
    this.#record(({ start }) =>
      start({
        runId,
        parentRunId,
        name: runName ?? nameOf(tool),
        kind: "tool",
        input: parsed(input),
        metadata: toolCallId === undefined ? metadata : { ...metadata, tool_call_id: toolCallId },
      }),
    );
  }

  override handleToolEnd(output: unknown, runId: string): void {
    this.#record(({ end }) => end(runId, output));
  }

  override handleToolError(error: unknown, runId: string): void {
    this.#record(({ fail }) => fail(runId, error));
  }

  override handleRetrieverStart(
    retriever: Serialized,
    query: string,
    runId: string,
    parentRunId?: string,
    _tags?: string[],
    metadata: Metadata = {},
    runName?: string,
  ): void {
    const name = runName ?? nameOf(retriever);
    this.#record(({ start }) =>
      start({ runId, parentRunId, name, kind: "tool", input: { query }, metadata }),
    );
  }

  override handleRetrieverEnd(documents: DocumentInterface[], runId: string): void {
    this.#record(({ end }) => end(runId, documents));
  }

  override handleRetrieverError(error: unknown, runId: string): void {
    this.#record(({ fail }) => fail(runId, error));
  }

  /** Whatever a value of the graph does when it is read, the graph must not notice. */
  #record(record: (recorder: Recorder) => void): void {
    try {
      record(this.#recorder);
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      process.emitWarning(`a run could not be recorded: ${String(error)}`);
    }
  }
}

function nameOf({ id }: Serialized): string {
  return id.at(-1) ?? "unknown";
}

/** Tools are told of their input as JSON text, or as plain text. */
function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
