import {
  type BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  TASKS,
  maxChannelVersion,
} from "@langchain/langgraph-checkpoint";

import type { CheckpointEntry } from "./entry.ts";
import type { Namespace } from "./fold.ts";
import { configOf } from "./place.ts";
import { load } from "./value.ts";

type Saver = Pick<BaseCheckpointSaver, "serde" | "getNextVersion">;

/** A checkpoint as LangGraph wants it. */
export async function readTuple(
  saver: Saver,
  threadId: string,
  namespace: Namespace,
  entry: CheckpointEntry,
): Promise<CheckpointTuple> {
  const { serde } = saver;
  const { id, parent } = entry;
  const values = [...namespace.writersOf(id, entry.versions)].map(async ([name, writer]) => {
    const value = namespace.channel(name).read(writer);
    if (value === undefined) throw new Error(`checkpoint ${id}: the value of ${name} is damaged`);
    return [name, await load(serde, value)] as const;
  });
  const checkpoint = {
    ...((await load(serde, entry.checkpoint)) as Checkpoint),
    channel_values: Object.fromEntries(await Promise.all(values)),
    channel_versions: { ...entry.versions },
  };
  if (checkpoint.v < 4 && parent !== undefined)
    await takePendingSends(saver, checkpoint, namespace, parent);
  const metadata = (await load(serde, entry.metadata)) as CheckpointMetadata;
  const pendingWrites = await Promise.all(
    namespace
      .writesOf(id)
      .map(async ({ task, channel, value }): Promise<CheckpointPendingWrite> => [
        task,
        channel,
        await load(serde, value),
      ]),
  );
  return {
    config: configOf(threadId, entry.namespace, id),
    checkpoint,
    metadata,
    pendingWrites,
    ...(parent !== undefined && { parentConfig: configOf(threadId, entry.namespace, parent) }),
  };
}

/** Before format 4 they stood with the parent's writes. */
async function takePendingSends(
  saver: Saver,
  checkpoint: Checkpoint,
  namespace: Namespace,
  parent: string,
): Promise<void> {
  const sends = namespace.writesOf(parent).filter(({ channel }) => channel === TASKS);
  const versions = Object.values(checkpoint.channel_versions);
  checkpoint.channel_values[TASKS] = await Promise.all(
    sends.map(({ value }) => load(saver.serde, value)),
  );
  checkpoint.channel_versions[TASKS] =
    versions.length > 0 ? maxChannelVersion(...versions) : saver.getNextVersion(undefined);
}
