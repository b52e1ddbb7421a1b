import type { EntryStore } from "../../src/saving/entry-store.ts";

/** Lists in memory, as JSON text, as if they had been sent. */
export function createMemoryEntries(): EntryStore & { bytes(): number } {
  const lists = new Map<string, string[]>();
  return {
    append(path, entry) {
      lists.set(path, [...(lists.get(path) ?? []), JSON.stringify(entry)]);
    },
    settle: async () => true,
    read: async (path, after) =>
      lists
        .get(path)
        ?.slice(after)
        .map((line): unknown => JSON.parse(line)),
    list: async () => [...lists.keys()],
    async delete(path) {
      lists.delete(path);
    },
    bytes: () => [...lists.values()].flat().reduce((sum, line) => sum + Buffer.byteLength(line), 0),
  };
}
