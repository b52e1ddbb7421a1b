import type { JournalEntry, JournalSubscriber } from "./journal.ts";

/** Tells every subscriber of a journal, in the order in which they came. */
export interface Subscribers extends JournalSubscriber {
  readonly subscribe: (subscriber: JournalSubscriber) => () => void;
}

export function createSubscribers(): Subscribers {
  const subscribers = new Set<JournalSubscriber>();

  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => {
        subscribers.delete(subscriber);
      };
    },
    applied(entries: readonly JournalEntry[]) {
      for (const subscriber of subscribers) subscriber.applied(entries);
    },
    failed(error: Error) {
      for (const subscriber of subscribers) subscriber.failed(error);
    },
  };
}
