import { againFor } from "./again.ts";
import { type EntryStore, EntryStoreError } from "./entry-store.ts";
import type { Entry, Tagged } from "./entry.ts";
import { type Fold, createFold } from "./fold.ts";
import { type Generation, sortOut } from "./generations.ts";
import { chooseKept, copyKept, sizeOf } from "./prune.ts";
import { createQueue } from "./queue.ts";
import { type Transcript, createTranscript } from "./transcript.ts";

export interface ThreadOptions {
  readonly entries: EntryStore;
  /** Its folder in the store. */
  readonly name: string;
  /** Undefined when only the name is known. */
  readonly threadId: string | undefined;
  /** Checkpoints of each namespace that are kept; null: all. */
  readonly keep: number | null;
  /** Milliseconds that the store may take before reading fails. */
  readonly timeoutMs: number;
  readonly warn: (message: string, error: unknown) => void;
}

export interface Thread {
  /** As the store has it. While the store is away, as this process has read and changed it. */
  read(): Promise<Fold>;
  /** As this process knows it; reads it only when it never did. */
  known(): Promise<Fold>;
  /** What `known` gave, as it is now: what is added has to build upon this. */
  current(): Fold;
  /** On the local disk when it returns. */
  add(entries: Iterable<Entry>): void;
  delete(): Promise<void>;
}

/** How long a reading that can do without waits for a store that doesn't answer. */
const patienceMs = 500;

/**
 * The checkpoints of one thread, in one list of entries, its generation. Pruning writes what is kept into the next
 * generation and deletes those before. Whatever is left of that when a process dies, the union of all
 * generations is the thread.
 */
export function createThread(options: ThreadOptions): Thread {
  const { entries, name, keep, timeoutMs } = options;
  const inTurn = createQueue();
  let fold = createFold();
  let transcript: Transcript | undefined;
  /** Of this process, since the reading or pruning that goes on began. */
  let recent: Tagged[] = [];
  let pruneAt = Number.POSITIVE_INFINITY;
  let isPruning = false;

  const transcriptOf = (generation: number) =>
    createTranscript(entries, `${name}/g${generation}`, generation);

  const append = (entry: Entry) => {
    if (transcript === undefined) throw new Error("the thread was not read");
    const tagged = transcript.append(entry);
    fold.apply(tagged);
    recent.push(tagged);
  };

  const generations = async () =>
    (await entries.list())
      .flatMap((path) =>
        path.startsWith(`${name}/g`) ? [Number(path.slice(name.length + 2))] : [],
      )
      .toSorted((a, b) => a - b);

  const dueAt = (kept: number) =>
    keep === null ? Number.POSITIVE_INFINITY : 2 * Math.max(keep, kept);

  const readAll = async () => {
    const next = createFold();
    // The current one is read on with what is known of it: entries for it may be on their way.
    const found = new Map(transcript ? [[transcript.generation, transcript]] : []);
    for (const generation of await generations())
      if (!found.has(generation)) found.set(generation, transcriptOf(generation));
    const all: Generation[] = [];
    for (const one of found.values()) all.push({ transcript: one, entries: await one.readAll() });
    const { used, obsolete, latest } = sortOut(all);
    for (const one of used) for (const entry of one.entries) next.apply(entry);
    // A process has died before it came to that. If it fails now, the next reader does it.
    await Promise.allSettled(obsolete.map(({ transcript: { path } }) => entries.delete(path)));
    for (const entry of recent) next.apply(entry);
    fold = next;
    transcript = found.get(latest) ?? transcriptOf(latest);
    if (keep !== null) pruneAt = dueAt(sizeOf(chooseKept(fold, keep)));
    return used.map((one) => one.transcript);
  };

  const readOn = async (known: Transcript) => {
    const found = await known.readOn();
    if (found === undefined || found.some(({ type }) => type === "moved")) return readAll();
    for (const entry of found) fold.apply(entry);
    return undefined;
  };

  /** Only what is in the store can be read from it, so this process's own goes there first. */
  const whileSettled = async <T>(task: () => Promise<T>, waitMs: number): Promise<T> => {
    recent = [];
    const frozen = transcript;
    frozen?.freeze();
    try {
      if (!(await entries.settle(waitMs)))
        throw new EntryStoreError("the session store can't be reached", true);
      return await task();
    } finally {
      frozen?.thaw();
    }
  };

  const read = async () => {
    const known = transcript;
    if (known === undefined) return againFor(timeoutMs, (leftMs) => whileSettled(readAll, leftMs));
    try {
      return await whileSettled(() => readOn(known), patienceMs);
    } catch (error) {
      // One process at a time runs a thread, so this one's knowledge does while the store is away.
      if (error instanceof EntryStoreError && error.isTemporary) return undefined;
      throw error;
    }
  };

  const prune = async (kept: number) => {
    const before = transcript;
    if (before === undefined) return;
    append({ type: "moved", to: before.generation + 1 });
    transcript = transcriptOf(before.generation + 1);
    const all = await whileSettled(readAll, timeoutMs);
    const { generation } = transcript;
    // What this process has written there meanwhile builds upon what will be gone, so it is copied too.
    const copies = [...copyKept(fold, chooseKept(fold, kept, recent))];
    // From here on nothing builds upon what will be gone.
    fold = createFold();
    for (const entry of copies) append(entry);
    pruneAt = dueAt(fold.size());
    if (!(await entries.settle(timeoutMs))) return;
    const old = all.filter((one) => one.generation < generation);
    const covers = old.map((one) => [one.generation, one.lastTag() ?? ""] as const);
    append({ type: "sealed", covers: Object.fromEntries(covers) });
    if (!(await entries.settle(timeoutMs))) return;
    for (const one of old) {
      const late = await one.readOn();
      // Another process still writes there: what it has written stays, until the next pruning.
      if (late === undefined || late.length > 0) return;
    }
    for (const { path } of old) await entries.delete(path);
  };

  const pruneWhenDue = () => {
    if (keep === null || isPruning || fold.size() < pruneAt) return;
    isPruning = true;
    inTurn(() => prune(keep))
      .catch((error: unknown) => {
        // Nothing is lost by it, and it is tried again.
        if (error instanceof EntryStoreError && error.isTemporary) return;
        options.warn("old checkpoints could not be pruned", error);
      })
      .finally(() => {
        isPruning = false;
        pruneAt = Math.max(pruneAt, fold.size() + keep);
      });
  };

  return {
    async read() {
      await inTurn(read);
      return fold;
    },
    async known() {
      if (transcript === undefined) await inTurn(read);
      return fold;
    },
    current: () => fold,
    add(added) {
      const { threadId } = options;
      if (threadId !== undefined && fold.thread() === undefined)
        append({ type: "thread", thread: threadId });
      for (const entry of added) append(entry);
      pruneWhenDue();
    },
    delete: () =>
      inTurn(async () => {
        const deleteAll = async () => {
          for (const generation of await generations())
            await entries.delete(`${name}/g${generation}`);
        };
        await againFor(timeoutMs, (leftMs) => whileSettled(deleteAll, leftMs));
        fold = createFold();
        transcript = transcriptOf(1);
        pruneAt = dueAt(0);
      }),
  };
}
