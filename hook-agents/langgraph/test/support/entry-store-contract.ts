import { describe, expect, it } from "vitest";

import type { EntryStore } from "../../src/saving/entry-store.ts";

/** What every adapter of the port has to do. @param create a store of its own for each test */
export function entryStoreContract(create: () => EntryStore): void {
  const settled = async (store: EntryStore) => expect(await store.settle(10_000)).toBe(true);

  describe("a store of entries", () => {
    it("gives entries back in order and exactly as they were appended", async () => {
      const store = create();
      const entries = [{ b: 1, a: [null, "é\u{1F600}\u2028"] }, { n: 0.1 }, { b: 1, a: [] }];
      for (const entry of entries) store.append("t/g1", entry);
      await settled(store);
      const read = await store.read("t/g1", 0);
      expect(JSON.stringify(read)).toBe(JSON.stringify(entries));
    });

    it("goes on after those that are known, and keeps lists apart", async () => {
      const store = create();
      for (const n of [1, 2, 3]) store.append("t/g1", { n });
      store.append("t/g2", { n: 4 });
      await settled(store);
      expect(await store.read("t/g1", 2)).toEqual([{ n: 3 }]);
      expect(await store.read("t/g1", 3)).toEqual([]);
      expect(await store.read("t/g1", 9)).toEqual([]);
      expect(await store.read("t/g2", 0)).toEqual([{ n: 4 }]);
      expect([...(await store.list())].toSorted()).toEqual(["t/g1", "t/g2"]);
    });

    it("knows nothing of a list that is not there, or no longer", async () => {
      const store = create();
      expect(await store.read("t/g1", 0)).toBeUndefined();
      expect(await store.list()).toEqual([]);
      await store.delete("t/g1");
      store.append("t/g1", { n: 1 });
      store.append("t/g10", { n: 2 });
      await settled(store);
      await store.delete("t/g1");
      expect(await store.read("t/g1", 0)).toBeUndefined();
      expect(await store.list()).toEqual(["t/g10"]);
    });

    it("begins a list anew after it was deleted", async () => {
      const store = create();
      for (const n of [1, 2]) store.append("t/g1", { n });
      await settled(store);
      await store.delete("t/g1");
      store.append("t/g1", { n: 3 });
      await settled(store);
      expect(await store.read("t/g1", 0)).toEqual([{ n: 3 }]);
      expect(await store.read("t/g1", 1)).toEqual([]);
    });

    it("takes entries of several megabytes", async () => {
      const store = create();
      const entry = { text: "\u{1F600}".repeat(1_500_000) };
      store.append("t/g1", entry);
      store.append("t/g1", { n: 1 });
      await settled(store);
      expect(await store.read("t/g1", 0)).toEqual([entry, { n: 1 }]);
    });
  });
}
