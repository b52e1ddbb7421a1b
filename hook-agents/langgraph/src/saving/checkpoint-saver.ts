import { isDeepStrictEqual } from "node:util";

import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
  type SerializerProtocol,
  WRITES_IDX_MAP,
} from "@langchain/langgraph-checkpoint";

import { createDrafts, entriesOf, writesEntries } from "./draft.ts";
import type { EntryStore } from "./entry-store.ts";
import type { Namespace } from "./fold.ts";
import { configOf, placeOf } from "./place.ts";
import { type Threads, createThreads } from "./threads.ts";
import { readTuple } from "./tuple.ts";
import { dump } from "./value.ts";

export interface CheckpointSaverOptions {
  /** Checkpoints of each thread and namespace that are kept; null: all. 100 unless told. */
  keep?: number | null;
  /** Milliseconds that the store may take to answer before reading fails, 30,000 unless told. */
  timeoutMs?: number;
  serde?: SerializerProtocol;
}

/** Keeps checkpoints as entries of a store. `put` and `putWrites` wait for the local disk only. */
export class CheckpointSaver extends BaseCheckpointSaver {
  readonly #threads: Threads;

  constructor(entries: EntryStore, options: CheckpointSaverOptions = {}) {
    super(options.serde);
    const { keep = 100, timeoutMs = 30_000 } = options;
    if (keep !== null && !(Number.isInteger(keep) && keep > 0))
      throw new RangeError("keep has to be a number of checkpoints, or null");
    this.#threads = createThreads(entries, { keep, timeoutMs });
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, namespace: name, checkpointId } = placeOf(config);
    if (threadId === undefined) return undefined;
    const fold = await this.#threads.get(threadId).read();
    const namespace = fold.namespaces.get(name);
    const id = checkpointId ?? [...(namespace?.checkpoints.keys() ?? [])].toSorted().at(-1);
    const entry = id === undefined ? undefined : namespace?.checkpoints.get(id);
    if (namespace === undefined || entry === undefined) return undefined;
    return readTuple(this, threadId, namespace, entry);
  }

  override async *list(
    config: RunnableConfig,
    { limit = Number.POSITIVE_INFINITY, before, filter }: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { threadId: wanted, checkpointId } = placeOf(config);
    const wantedNamespace: unknown = config.configurable?.["checkpoint_ns"];
    const earlierThan = before && placeOf(before).checkpointId;
    let left = limit;
    for (const { threadId, fold } of await this.#threads.read(wanted)) {
      const found = [...fold.namespaces]
        .filter(([name]) => wantedNamespace === undefined || name === wantedNamespace)
        .flatMap(([, namespace]) => pairsOf(namespace))
        .filter(({ entry: { id } }) => checkpointId === undefined || id === checkpointId)
        .filter(({ entry: { id } }) => earlierThan === undefined || id < earlierThan)
        .toSorted((a, b) => (a.entry.id < b.entry.id ? 1 : -1));
      for (const { namespace, entry } of found) {
        if (left <= 0) return;
        const tuple = await readTuple(this, threadId, namespace, entry);
        if (!matches(tuple.metadata, filter)) continue;
        left -= 1;
        yield tuple;
      }
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId: parent } = placeOf(config);
    if (threadId === undefined) throw new Error('a checkpoint needs a "thread_id"');
    const thread = this.#threads.get(threadId);
    await thread.known();
    const drafts = createDrafts(this.serde, { namespace, parent, checkpoint, metadata });
    // A parent that was pruned meanwhile, or is unknown, can't give the values that didn't change.
    const isParentThere = () =>
      parent === undefined || thread.current().namespaces.get(namespace)?.checkpoints.has(parent);
    let draft = await drafts.of(isParentThere() ? newVersions : checkpoint.channel_versions);
    if (!isParentThere()) draft = await drafts.of(checkpoint.channel_versions);
    thread.add(entriesOf(draft, thread.current().namespaces.get(namespace)));
    for (const [name, value] of draft.values)
      thread.current().namespaces.get(namespace)?.channel(name).remember(checkpoint.id, value);
    return configOf(threadId, namespace, checkpoint.id);
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
  ): Promise<void> {
    const { threadId, namespace, checkpointId } = placeOf(config);
    if (threadId === undefined || checkpointId === undefined)
      throw new Error('writes need a "thread_id" and a "checkpoint_id"');
    const thread = this.#threads.get(threadId);
    await thread.known();
    const dumped = await Promise.all(
      writes.map(async ([channel, value], place) => ({
        channel,
        index: WRITES_IDX_MAP[channel] ?? place,
        value: await dump(this.serde, value),
      })),
    );
    thread.add(writesEntries({ namespace, checkpoint: checkpointId, task: taskId }, dumped));
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#threads.delete(threadId);
  }
}

const pairsOf = (namespace: Namespace) =>
  [...namespace.checkpoints.values()].map((entry) => ({ namespace, entry }));

function matches(metadata: object = {}, filter: Record<string, unknown> = {}): boolean {
  const members = new Map<string, unknown>(Object.entries(metadata));
  return Object.entries(filter).every(([name, value]) =>
    isDeepStrictEqual(members.get(name), value),
  );
}
