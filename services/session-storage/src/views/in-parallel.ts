/** Enough to keep libuv's four threads busy while answers come back. */
const parallel = 8;

/** Runs a task for each item, a few at a time; rejects with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: parallel }, work));
}
