import type { Ballast } from "../../files/ballast.ts";

export interface RoomProbe {
  /** Tries every `everyMs` to make the ballast again; ends with `onRoom`, goes on after `onError`. */
  start(): void;
  stop(): Promise<void>;
}

export function createRoomProbe(
  ballast: Ballast,
  everyMs: number,
  { onRoom, onError }: { onRoom: () => void; onError: (error: unknown) => void },
): RoomProbe {
  let timer: NodeJS.Timeout | undefined;
  let probing = Promise.resolve();

  async function probe() {
    try {
      if (await ballast.make()) onRoom();
      else start();
    } catch (error) {
      onError(error);
      start();
    }
  }

  function start() {
    timer = setTimeout(() => {
      probing = probe();
    }, everyMs);
    timer.unref();
  }

  return {
    start,
    async stop() {
      clearTimeout(timer);
      await probing;
      // A probe that was under way may have armed the next one.
      clearTimeout(timer);
    },
  };
}
