import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type BaseCheckpointSaver,
  type ChannelVersions,
  type CheckpointMetadata,
  uuid6,
} from "@langchain/langgraph-checkpoint";

export interface Step {
  /** All values that the graph has after the step. */
  readonly values: Record<string, unknown>;
  /** Channels that the step changed, all unless told; a changed one without a value is empty. */
  readonly changed?: readonly string[];
  readonly metadata?: Partial<CheckpointMetadata>;
  readonly v?: number;
}

export interface Line {
  put(step: Step): Promise<string>;
  putWrites(writes: [string, unknown][], task: string): Promise<void>;
  /** Another line that goes on from the same checkpoint. */
  fork(): Line;
  readonly config: RunnableConfig;
}

/** Puts checkpoints one upon another as a graph does, with versions that count up. */
export function createLine(
  saver: BaseCheckpointSaver,
  threadId: string,
  namespace = "",
  start: { config: RunnableConfig; versions: ChannelVersions } = {
    config: { configurable: { thread_id: threadId, checkpoint_ns: namespace } },
    versions: {},
  },
): Line {
  let { config, versions } = start;
  return {
    async put({ values, changed = Object.keys(values), metadata, v = 4 }) {
      const news = Object.fromEntries(
        changed.map((name) => [name, Number(versions[name] ?? 0) + 1]),
      );
      versions = { ...versions, ...news };
      const id = uuid6(0);
      config = await saver.put(
        config,
        {
          v,
          id,
          ts: new Date().toISOString(),
          channel_values: values,
          channel_versions: versions,
          versions_seen: {},
        },
        { source: "loop", step: 0, parents: {}, ...metadata },
        news,
      );
      return id;
    },
    putWrites: (writes, task) => saver.putWrites(config, writes, task),
    fork: () => createLine(saver, threadId, namespace, { config, versions }),
    get config() {
      return config;
    },
  };
}

export function at(threadId: string, checkpointId?: string, namespace = ""): RunnableConfig {
  return {
    configurable: {
      thread_id: threadId,
      checkpoint_ns: namespace,
      ...(checkpointId !== undefined && { checkpoint_id: checkpointId }),
    },
  };
}

export async function valuesAt(saver: BaseCheckpointSaver, config: RunnableConfig) {
  return (await saver.getTuple(config))?.checkpoint.channel_values;
}

export async function idsOf(saver: BaseCheckpointSaver, threadId?: string): Promise<string[]> {
  const ids: string[] = [];
  const config = { configurable: threadId === undefined ? {} : { thread_id: threadId } };
  for await (const { checkpoint } of saver.list(config)) ids.push(checkpoint.id);
  return ids;
}
