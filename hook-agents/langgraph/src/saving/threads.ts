import { againFor } from "./again.ts";
import type { EntryStore } from "./entry-store.ts";
import type { Fold } from "./fold.ts";
import { nameOfThread, threadOfName } from "./thread-name.ts";
import { type Thread, type ThreadOptions, createThread } from "./thread.ts";

export interface Threads {
  get(threadId: string): Thread;
  /** @param threadId all threads unless given; those without a checkpoint are left out */
  read(threadId: string | undefined): Promise<{ threadId: string; fold: Fold }[]>;
  delete(threadId: string): Promise<void>;
}

/** Their checkpoints are kept in memory, so that only what is new has to be read. */
const maxThreads = 64;

export function createThreads(
  entries: EntryStore,
  options: Pick<ThreadOptions, "keep" | "timeoutMs">,
): Threads {
  // The one that was used last is last.
  const threads = new Map<string, Thread>();

  const named = (name: string, threadId: string | undefined) => {
    const thread = threads.get(name) ?? createThread({ ...options, entries, name, threadId, warn });
    threads.delete(name);
    threads.set(name, thread);
    const [oldest] = threads.keys();
    if (threads.size > maxThreads && oldest !== undefined) threads.delete(oldest);
    return thread;
  };

  const get = (threadId: string) => named(nameOfThread(threadId), threadId);

  return {
    get,
    async read(threadId) {
      if (threadId !== undefined) return [{ threadId, fold: await get(threadId).read() }];
      const paths = await againFor(options.timeoutMs, () => entries.list());
      const names = new Set(paths.map((path) => path.slice(0, path.indexOf("/"))));
      const found: { threadId: string; fold: Fold }[] = [];
      for (const name of names) {
        const fold = await named(name, threadOfName(name)).read();
        const thread = threadOfName(name) ?? fold.thread();
        if (thread !== undefined) found.push({ threadId: thread, fold });
      }
      return found;
    },
    delete: (threadId) => get(threadId).delete(),
  };
}

function warn(message: string, error: unknown): void {
  process.emitWarning(`${message}: ${String(error)}`);
}
