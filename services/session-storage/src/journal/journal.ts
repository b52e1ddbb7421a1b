import type { SessionEvent } from "../domain/event.ts";

/** The place in the journal: 1, 2, 3 …, global. 0 is "before everything". */
export type Position = number;

export interface JournalEntry {
  readonly position: Position;
  readonly event: SessionEvent;
}

export interface JournalSubscriber {
  /** Durable entries, each once and in order, before the appends that brought them resolve. */
  applied(entries: readonly JournalEntry[]): void;
  /** Everything appended and not yet given to `applied` is void; called before those appends reject. */
  failed(error: Error): void;
}

export interface JournalStatus {
  readonly condition: "ok" | "full" | "read_only";
  /** Last durable position. */
  readonly position: Position;
  /** First position that `read` can still give; `position + 1` when nothing is kept. */
  readonly earliest: Position;
  /** Bytes kept. */
  readonly bytes: number;
  /** Positions lost to damage that recovery found, each range inclusive. */
  readonly lost: readonly { readonly from: Position; readonly to: Position }[];
}

/**
 * The write-ahead journal. Every promise here is checked by test/contract/journal-contract.ts;
 * an adapter passes it or is wrong.
 */
export interface Journal {
  /**
   * Resolves once all events are durable, stored whole or not at all, in call order.
   * An empty append stores nothing and resolves once everything appended before it is durable.
   * Rejects with `storage_full`, `storage_read_only` or `draining`; then nothing of it is stored,
   * and every append that was waiting behind it rejects too. While the volume is full, appends of nothing but
   * `session_deleted` are still taken as far as the ballast reaches, for they make room.
   * @returns the position of the last event, for an empty append the last durable position
   */
  append(events: readonly SessionEvent[]): Promise<Position>;
  /** Durable entries after `after`, oldest first, up to the last one durable at the call; starts at `earliest` when `after` is older. */
  read(after: Position): AsyncIterable<JournalEntry>;
  /** @returns a function that ends the subscription */
  subscribe(subscriber: JournalSubscriber): () => void;
  /** Lets go of entries up to `upTo` that no view needs any more; the adapter may keep more. */
  trim(upTo: Position): Promise<void>;
  status(): JournalStatus;
  /** Makes everything appended durable, then refuses appends with `draining`. */
  close(): Promise<void>;
}
