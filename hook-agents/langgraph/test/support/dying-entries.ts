import { type EntryStore, EntryStoreError } from "../../src/saving/entry-store.ts";

/**
 * As if the process were killed at its call number `last`: that one and all later ones have no effect.
 * @param keepsSpool whether what it had appended still arrives, or is gone with the container's disk
 */
export function createDyingEntries(
  entries: EntryStore,
  last: number,
  keepsSpool: boolean,
): EntryStore & { calls(): number; call(): string } {
  let calls = 0;
  let call = "";
  let spool: [path: string, entry: object][] = [];
  const live = (name: string) => {
    calls += 1;
    if (calls === last) call = name;
    if (calls >= last) throw new EntryStoreError("killed", true);
  };
  return {
    calls: () => calls,
    call: () => call,
    append(path, entry) {
      live("append");
      if (keepsSpool) entries.append(path, entry);
      else spool.push([path, entry]);
    },
    async settle(timeoutMs) {
      live("settle");
      for (const [path, entry] of spool) entries.append(path, entry);
      spool = [];
      return entries.settle(timeoutMs);
    },
    async read(path, after) {
      live("read");
      return entries.read(path, after);
    },
    async list() {
      live("list");
      return entries.list();
    },
    async delete(path) {
      live("delete");
      return entries.delete(path);
    },
  };
}
