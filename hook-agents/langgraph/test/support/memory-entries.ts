import { setImmediate as turn } from "node:timers/promises";

import type { EntryStore } from "../../src/saving/entry-store.ts";

/**
 * Lists in memory, as JSON text. What is appended is on its way until somebody waits for it, as in a spool, and
 * every call takes a turn of the event loop.
 */
export function createMemoryEntries(): EntryStore & {
  bytes(): number;
  /** Entries that were read, in all. */
  entriesRead(): number;
} {
  const lists = new Map<string, string[]>();
  let sent: [path: string, line: string][] = [];
  let entriesRead = 0;

  const arrive = (entries: typeof sent) => {
    for (const [path, line] of entries) {
      const list = lists.get(path) ?? [];
      list.push(line);
      lists.set(path, list);
    }
  };

  return {
    append(path, entry) {
      sent.push([path, JSON.stringify(entry)]);
    },
    async settle() {
      const before = sent;
      sent = [];
      arrive(before);
      await turn();
      return true;
    },
    async read(path, after) {
      await turn();
      const read = lists.get(path)?.slice(after);
      entriesRead += read?.length ?? 0;
      return read?.map((line): unknown => JSON.parse(line));
    },
    async list() {
      await turn();
      return [...lists.keys()];
    },
    async delete(path) {
      await turn();
      lists.delete(path);
    },
    entriesRead: () => entriesRead,
    bytes: () => {
      const lines = [...lists.values(), sent.map(([, line]) => line)].flat();
      return lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    },
  };
}
