import { type Channel, createChannel } from "./channel.ts";
import type { CheckpointEntry, Entry, Write } from "./entry.ts";

type Versions = Readonly<Record<string, number | string>>;

/** One thread, as its entries tell it. */
export interface Fold {
  apply(entry: Entry): void;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Checkpoints in all namespaces. */
  size(): number;
  /** Told by an entry; undefined while there is none. */
  thread(): string | undefined;
}

/** The checkpoints of a graph, or of a subgraph in one place of it. */
export interface Namespace {
  readonly checkpoints: ReadonlyMap<string, CheckpointEntry>;
  writesOf(checkpoint: string): readonly TaskWrite[];
  /** Values by the name of the channel. */
  channel(name: string): Channel;
  /** The checkpoints that wrote what these channels have at a checkpoint; those without a value are left out. */
  writersOf(checkpoint: string | undefined, versions: Versions): Map<string, string>;
}

export interface TaskWrite extends Write {
  readonly task: string;
}

export function createFold(): Fold {
  const namespaces = new Map<string, OpenNamespace>();
  let thread: string | undefined;
  const namespace = (name: string) => {
    const found = namespaces.get(name) ?? createNamespace();
    namespaces.set(name, found);
    return found;
  };
  return {
    namespaces,
    thread: () => thread,
    size: () =>
      [...namespaces.values()].reduce((sum, { checkpoints }) => sum + checkpoints.size, 0),
    apply(entry) {
      switch (entry.type) {
        case "thread":
          thread = entry.thread;
          return;
        case "moved":
        case "sealed":
          return;
        case "blob":
          namespace(entry.namespace).channel(entry.channel).add(entry);
          return;
        case "checkpoint":
          namespace(entry.namespace).addCheckpoint(entry);
          return;
        case "writes":
          for (const write of entry.writes)
            namespace(entry.namespace).addWrite(
              entry.checkpoint,
              { ...write, task: entry.task },
              entry.kept ?? false,
            );
      }
    },
  };
}

interface OpenNamespace extends Namespace {
  addCheckpoint(entry: CheckpointEntry): void;
  addWrite(checkpoint: string, write: TaskWrite, isKept: boolean): void;
}

function createNamespace(): OpenNamespace {
  const checkpoints = new Map<string, CheckpointEntry>();
  const writes = new Map<string, Map<string, TaskWrite>>();
  const channels = new Map<string, Channel>();

  const channel = (name: string) => {
    const found = channels.get(name) ?? createChannel();
    channels.set(name, found);
    return found;
  };

  return {
    checkpoints,
    channel,
    writesOf: (checkpoint) => [...(writes.get(checkpoint)?.values() ?? [])],
    writersOf(checkpoint, versions) {
      const writers = new Map<string, string>();
      const pending = new Set(Object.keys(versions));
      const settle = (name: string, writer: string | undefined) => {
        if (!pending.delete(name) || writer === undefined) return;
        if (channel(name).has(writer)) writers.set(name, writer);
      };
      let next = checkpoint;
      while (next !== undefined && pending.size > 0) {
        const at = checkpoints.get(next);
        if (at === undefined) {
          // It is gone; the version tells as much as can be known.
          for (const name of pending) settle(name, channel(name).writerOf(versions[name]));
          return writers;
        }
        for (const name of at.changed) settle(name, at.id);
        if (at.values !== undefined) {
          for (const [name, writer] of Object.entries(at.values)) settle(name, writer);
          return writers;
        }
        next = at.parent;
      }
      return writers;
    },
    addCheckpoint(entry) {
      const there = entry.kept ? checkpoints.get(entry.id) : undefined;
      // The copy of one that is there knows more only about values from checkpoints that may be gone.
      checkpoints.set(entry.id, there ? { ...there, values: entry.values ?? {} } : entry);
    },
    addWrite(checkpoint, write, isKept) {
      const found = writes.get(checkpoint) ?? new Map<string, TaskWrite>();
      writes.set(checkpoint, found);
      const key = JSON.stringify([write.task, write.index]);
      if (found.has(key) && (isKept || write.index >= 0)) return;
      found.set(key, write);
    },
  };
}
