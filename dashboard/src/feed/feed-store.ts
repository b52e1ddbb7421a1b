import { type ReadonlySignal, signal } from "@preact/signals";

import { transcriptTypes } from "../core/event-types.ts";
import type { Event } from "../core/wire.ts";
import { type RowBuffer, createRowBuffer } from "./buffer.ts";
import { createPairing } from "./pairing.ts";
import type { Row, RowKind } from "./row.ts";

export interface FeedFilter {
  /** Empty: all. */
  readonly kind: RowKind | "";
  readonly sessionId: string;
  /** In the title, the detail or the session's id, whatever its case. */
  readonly text: string;
}

export interface FeedStore {
  /** What is shown: the rows that match the filter. */
  readonly rows: () => RowBuffer;
  /** Changes with every drawing that is due. */
  readonly revision: ReadonlySignal<number>;
  /** Index of the row after the last one shown while paused; undefined: it follows. */
  readonly pausedAt: ReadonlySignal<number | undefined>;
  readonly received: ReadonlySignal<number>;
  /** Events between two shown ones that the service could not send. */
  readonly missing: ReadonlySignal<number>;
  add(events: readonly Event[]): void;
  addMissing(count: number): void;
  setFilter(filter: FeedFilter): void;
  pause(): void;
  resume(): void;
}

export interface FeedStoreOptions {
  /** Rows that are kept; a row takes about 300 bytes. */
  readonly maxRows?: number;
  /** The lines of transcripts, which no other feed shows: they are many. */
  readonly isOfTranscripts?: boolean;
}

export const noFilter: FeedFilter = { kind: "", sessionId: "", text: "" };

export function createFeedStore(options: FeedStoreOptions = {}): FeedStore {
  const { maxRows = 100_000, isOfTranscripts = false } = options;
  const all = createRowBuffer(maxRows);
  const pairing = createPairing();
  const revision = signal(0);
  const pausedAt = signal<number | undefined>(undefined);
  const received = signal(0);
  const missing = signal(0);
  let filter = noFilter;
  let shown = all;

  function matches(row: Row): boolean {
    if (filter.kind !== "" && row.kind !== filter.kind) return false;
    if (filter.sessionId !== "" && row.sessionId !== filter.sessionId) return false;
    if (filter.text === "") return true;
    const needle = filter.text.toLowerCase();
    return [row.title, row.detail, row.sessionId].some((text) =>
      text.toLowerCase().includes(needle),
    );
  }

  return {
    rows: () => shown,
    revision,
    pausedAt,
    received,
    missing,
    addMissing(count) {
      missing.value += count;
    },
    add(events) {
      for (const event of events) {
        if (transcriptTypes.includes(event.type) !== isOfTranscripts) continue;
        const row = pairing.add(event);
        if (row === undefined) continue;
        all.push(row);
        if (shown !== all && matches(row)) shown.push(row);
      }
      received.value += events.length;
      revision.value += 1;
    },
    setFilter(next) {
      if (JSON.stringify(next) === JSON.stringify(filter)) return;
      filter = next;
      const isAll = next.kind === "" && next.sessionId === "" && next.text === "";
      shown = isAll ? all : createRowBuffer(maxRows);
      if (!isAll)
        for (let index = all.first(); index < all.end(); index += 1) {
          const row = all.at(index);
          if (row && matches(row)) shown.push(row);
        }
      if (pausedAt.value !== undefined) pausedAt.value = shown.end();
      revision.value += 1;
    },
    pause() {
      pausedAt.value ??= shown.end();
    },
    resume() {
      pausedAt.value = undefined;
    },
  };
}
