import type { EventType, FeedScope } from "@sessions/contract";

import type { Projection } from "../domain/sessions.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Catalog } from "../views/catalog.ts";
import type { HistoryView } from "../views/history.ts";
import { type Feed, type FeedSource, startFeed } from "./feed.ts";
import { type EventFrame, frameOfEntry, frameOfLine } from "./frame.ts";
import type { Sink } from "./sink.ts";

export interface SubscribeOptions {
  scope: FeedScope;
  /** Offset for a session, position for `*`; undefined: from now on. */
  after?: number | undefined;
  /** Only sessions of this user. */
  userId?: string | undefined;
  /** Only events of these types. */
  types?: readonly EventType[] | undefined;
  /** Shortened data. */
  preview?: boolean;
}

export interface Hub extends Projection {
  /** A client that `drain` is to tell. @returns a function that forgets it */
  attach(sink: Sink): () => void;
  /** @returns a function that ends the subscription */
  subscribe(sink: Sink, options: SubscribeOptions): () => void;
  subscriptions(): number;
  /** The last position that was given to subscribers. */
  position(): number;
  drain(retryAfterMs: number): void;
}

export interface HubDependencies {
  journal: Journal;
  catalog: Catalog;
  history: HistoryView;
  failed(error: unknown): void;
}

/** Frames of a journal are read in batches of this many. */
const batchFrames = 256;

/** Follows the journal and gives each event to those who asked for its session or for all. */
export function createHub({ journal, catalog, history, failed }: HubDependencies): Hub {
  const feeds = new Map<FeedScope, Set<Feed>>();
  const sinks = new Set<Sink>();
  let position = journal.status().position;
  let subscriptions = 0;

  function sourceOf({ scope, userId, types, preview }: SubscribeOptions): FeedSource {
    const accepts = ({ sessionId, type }: EventFrame) =>
      (userId === undefined || catalog.get(sessionId)?.metadata.userId === userId) &&
      (types === undefined || types.includes(type));
    const textOf = (frame: EventFrame) => (preview === true ? frame.preview() : frame.text);
    if (scope === "*")
      return {
        scope,
        accepts,
        textOf,
        head: () => position,
        earliest: () => journal.status().earliest,
        cursorOf: (frame) => frame.position,
        read: (after) => inBatches(journal.read(after)),
      };
    return {
      scope,
      accepts,
      textOf,
      head: () => catalog.get(scope)?.metadata.offset ?? 0,
      earliest: () => 1,
      cursorOf: (frame) => frame.offset,
      async *read(after) {
        for await (const lines of history.events(scope, after))
          yield lines.map((line) => frameOfLine(scope, line));
      },
    };
  }

  return {
    apply(entry) {
      position = entry.position;
      const interested = [feeds.get("*"), feeds.get(entry.event.sessionId)];
      if (interested.every((set) => set === undefined)) return;
      const frame = frameOfEntry(entry);
      for (const set of interested) if (set !== undefined) for (const feed of set) feed.push(frame);
    },
    attach(sink) {
      sinks.add(sink);
      return () => sinks.delete(sink);
    },
    subscribe(sink, options) {
      const feed = startFeed(sourceOf(options), sink, options.after, failed);
      const set = feeds.get(options.scope) ?? new Set();
      feeds.set(options.scope, set.add(feed));
      subscriptions += 1;
      return () => {
        feed.close();
        if (!set.delete(feed)) return;
        subscriptions -= 1;
        if (set.size === 0 && feeds.get(options.scope) === set) feeds.delete(options.scope);
      };
    },
    subscriptions: () => subscriptions,
    position: () => position,
    drain(retryAfterMs) {
      for (const sink of sinks) sink.drain(retryAfterMs);
    },
  };
}

async function* inBatches(entries: AsyncIterable<JournalEntry>): AsyncGenerator<EventFrame[]> {
  let batch: EventFrame[] = [];
  for await (const entry of entries) {
    batch.push(frameOfEntry(entry));
    if (batch.length < batchFrames) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
