import { TASKS } from "@langchain/langgraph-checkpoint";

import { type Base, blobEntries } from "./blob-entries.ts";
import type { CheckpointEntry, Entry, WritesEntry } from "./entry.ts";
import type { Fold, Namespace, TaskWrite } from "./fold.ts";

/** Checkpoints by namespace. */
export type Kept = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The newest `keep` of each namespace, those of the `recent` entries, and what they can't be read without. The
 * namespace of one run of a subgraph goes when the checkpoints that could resume it have gone.
 */
export function chooseKept(fold: Fold, keep: number, recent: readonly Entry[] = []): Kept {
  const newest = (ids: Iterable<string>) => [...ids].toSorted().slice(-keep);
  const oldestOfGraph = newest(fold.namespaces.get("")?.checkpoints.keys() ?? [])[0];
  const kept = new Map<string, Set<string>>();
  for (const [name, namespace] of fold.namespaces) {
    const written = recent.flatMap((entry) =>
      entry.type === "checkpoint" && entry.namespace === name ? entry.id : [],
    );
    const ids = [...new Set([...newest(namespace.checkpoints.keys()), ...written])];
    const last = ids.toSorted().at(-1);
    if (last === undefined) continue;
    // `node:<task id>`; a subgraph that remembers from run to run has no task id.
    const isOfOneRun = name.includes(":");
    const isOver = oldestOfGraph !== undefined && last < oldestOfGraph;
    if (isOfOneRun && isOver && written.length === 0) continue;
    kept.set(name, new Set([...ids, ...ids.flatMap((id) => madeOf(namespace, id))]));
  }
  return kept;
}

export function sizeOf(kept: Kept): number {
  return [...kept.values()].reduce((sum, ids) => sum + ids.size, 0);
}

/** The checkpoints above, up to where each channel that is told by its changes stands whole. */
function madeOf({ checkpoints, writersOf }: Namespace, id: string): string[] {
  const above: string[] = [];
  const pending = new Set(checkpoints.get(id)?.deltas);
  for (let next = checkpoints.get(id)?.parent; next !== undefined && pending.size > 0;) {
    const at = checkpoints.get(next);
    if (at === undefined) break;
    above.push(at.id);
    const writers = writersOf(at.id, at.versions);
    for (const name of writers.keys()) pending.delete(name);
    next = at.parent;
  }
  return above;
}

/** What is kept, as entries that need no others. */
export function* copyKept(fold: Fold, kept: Kept): Generator<Entry> {
  const thread = fold.thread();
  if (thread !== undefined) yield { type: "thread", thread };
  for (const [name, ids] of kept) {
    const namespace = fold.namespaces.get(name);
    if (namespace) yield* copyNamespace(name, namespace, ids);
  }
}

function* copyNamespace(
  name: string,
  namespace: Namespace,
  ids: ReadonlySet<string>,
): Generator<Entry> {
  const copied = new Map<string, Base & { checkpoints: Set<string> }>();
  for (const id of [...ids].toSorted()) {
    const checkpoint = namespace.checkpoints.get(id);
    if (checkpoint === undefined) continue;
    const writers = namespace.writersOf(id, checkpoint.versions);
    for (const [channelName, writer] of writers) {
      const base = copied.get(channelName);
      if (base?.checkpoints.has(writer)) continue;
      const channel = namespace.channel(channelName);
      const value = channel.read(writer);
      const version = channel.versionOf(writer);
      if (value === undefined || version === undefined)
        throw new Error(`a value of ${channelName} at ${id} is not whole`);
      const place = { namespace: name, checkpoint: writer, channel: channelName, version };
      yield* blobEntries(place, value, base);
      const checkpoints = base?.checkpoints ?? new Set();
      copied.set(channelName, { checkpoint: writer, value, checkpoints: checkpoints.add(writer) });
    }
    yield { ...withoutTag(checkpoint), values: Object.fromEntries(writers), kept: true };
    yield* copyWrites(name, id, namespace.writesOf(id));
    const { parent, v } = checkpoint;
    // In formats before 4 the parent's writes to it belong to the checkpoint.
    if (v < 4 && parent !== undefined && !ids.has(parent)) {
      const sends = namespace.writesOf(parent).filter(({ channel }) => channel === TASKS);
      yield* copyWrites(name, parent, sends);
    }
  }
}

function* copyWrites(
  namespace: string,
  checkpoint: string,
  writes: readonly TaskWrite[],
): Generator<WritesEntry> {
  for (const task of new Set(writes.map((write) => write.task))) {
    const ofTask = writes.filter((write) => write.task === task);
    yield {
      type: "writes",
      namespace,
      checkpoint,
      task,
      writes: ofTask.map(({ channel, index, value }) => ({ channel, index, value })),
      kept: true,
    };
  }
}

function withoutTag(checkpoint: CheckpointEntry): CheckpointEntry {
  const { tag: _, ...entry } = checkpoint as CheckpointEntry & { tag?: string };
  return entry;
}
