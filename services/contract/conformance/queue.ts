import { settle } from "./transport.ts";

/** What came in, to be taken out in order; a taker waits for what is not there yet. */
export function createQueue<Item>(what: string) {
  const items: Item[] = [];
  const takers: { resolve(item: Item): void; reject(reason: unknown): void }[] = [];
  let ended: Error | undefined;

  return {
    put(item: Item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker.resolve(item);
    },
    end(reason: string) {
      ended ??= new Error(`${what} ended: ${reason}`);
      for (const taker of takers.splice(0)) taker.reject(ended);
    },
    /** @throws when nothing comes in time, or nothing can come any more */
    async take(waitMs = 10_000): Promise<Item> {
      const [item] = items.splice(0, 1);
      if (item !== undefined) return item;
      if (ended !== undefined) throw ended;
      const { promise, resolve, reject } = settle<Item>();
      takers.push({ resolve, reject });
      const timer = setTimeout(
        () => reject(new Error(`nothing more came from ${what} in ${waitMs} ms`)),
        waitMs,
      );
      return promise.finally(() => clearTimeout(timer));
    },
  };
}
