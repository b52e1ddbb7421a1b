import type { Tokens } from "./tokens.ts";

/** `step`: a chain run that is neither the whole graph nor one of its nodes; kept for who is above whom. */
export type RunKind = "graph" | "node" | "tool" | "model" | "step";

/** What LangChain tells at the start of a run. */
export interface Start {
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly name: string;
  readonly kind: RunKind;
  readonly input?: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A run that began and has not ended. */
export interface Run extends Omit<Start, "input"> {
  /** As it was at the start, in its readable form; only of nodes and tools. */
  input: unknown;
  readonly parent: Run | undefined;
  /** The outermost run. */
  readonly root: Run;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the monotonic clock. */
  readonly startedMs: number;
  /** The agent that this run is, or is a part of; undefined for the session's main agent. */
  agent: AgentRun | undefined;
  /** Of the root: what its latest model call answered. */
  answer: string | undefined;
  /** Of the root: the agent of the governor's node. */
  governor: AgentRun | undefined;
  /** Of the root: what stopped it and wants an answer. */
  interrupt: string | undefined;
}

export interface AgentRun {
  readonly agentId: string;
  /** The run that it began with. */
  readonly runId: string;
  readonly type: string;
  readonly parentAgentId: string | null;
  tokens: Tokens;
}

export interface Runs {
  start(start: Start): Run;
  /** @returns undefined when its start was not seen, or when it has ended */
  end(runId: string): Run | undefined;
  /** The node or tool that began last of those that run. */
  latestStep(): Run | undefined;
  hasRoot(): boolean;
}

export function createRuns(): Runs {
  const running = new Map<string, Run>();
  return {
    start(start) {
      const parent = start.parentRunId === undefined ? undefined : running.get(start.parentRunId);
      const run: Omit<Run, "root"> & { root?: Run } = {
        ...start,
        input: undefined,
        parent,
        startedAt: new Date().toISOString(),
        startedMs: performance.now(),
        agent: parent?.agent,
        answer: undefined,
        governor: undefined,
        interrupt: undefined,
      };
      const whole = Object.assign(run, { root: parent?.root ?? (run as Run) });
      running.set(whole.runId, whole);
      return whole;
    },
    end(runId) {
      const run = running.get(runId);
      if (run === undefined) return undefined;
      running.delete(runId);
      // An aborted graph never tells the end of what it had started.
      if (run.kind === "graph")
        for (const [id, { root }] of running) if (root === run) running.delete(id);
      return run;
    },
    latestStep: () =>
      [...running.values()].findLast(({ kind }) => kind === "node" || kind === "tool"),
    hasRoot: () => [...running.values()].some(({ kind }) => kind === "graph"),
  };
}

export function durationMs(run: Run): number {
  return Math.round(performance.now() - run.startedMs);
}
