import type { RunnableConfig } from "@langchain/core/runnables";

/** Where LangGraph's configuration says that a checkpoint is. */
export interface Place {
  readonly threadId: string | undefined;
  /** "" for the graph itself. */
  readonly namespace: string;
  readonly checkpointId: string | undefined;
}

export function placeOf({ configurable = {} }: RunnableConfig): Place {
  const checkpointId = textOf(configurable, "checkpoint_id") ?? textOf(configurable, "thread_ts");
  return {
    threadId: textOf(configurable, "thread_id"),
    namespace: textOf(configurable, "checkpoint_ns") ?? "",
    checkpointId: checkpointId === "" ? undefined : checkpointId,
  };
}

export function configOf(threadId: string, namespace: string, checkpointId: string) {
  return {
    configurable: {
      thread_id: threadId,
      checkpoint_ns: namespace,
      checkpoint_id: checkpointId,
    },
  };
}

/** Numbers are taken too: `thread_id: 1` is often written. */
function textOf(members: Record<string, unknown>, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new TypeError(`"${name}" has to be a string`);
}
