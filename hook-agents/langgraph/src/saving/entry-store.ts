/**
 * Append-only lists of entries, each by its path. Every promise here is checked by
 * test/support/entry-store-contract.ts; an adapter passes it or is wrong.
 */
export interface EntryStore {
  /**
   * Takes the entry; it is stored in the order of the calls, sooner or later, also when the process is killed now.
   * Throws when that can't be.
   */
  append(path: string, entry: object): void;
  /**
   * @returns true once all that was appended is stored, false when the store can't be reached in time
   * Throws when something appended was refused for good.
   */
  settle(timeoutMs: number): Promise<boolean>;
  /** The entries after the first `after`, exactly as appended; undefined when there is no such list. */
  read(path: string, after: number): Promise<readonly unknown[] | undefined>;
  /** The paths of all lists. */
  list(): Promise<readonly string[]>;
  /** Deletes a list; an unknown one is fine. */
  delete(path: string): Promise<void>;
}

/** What a caller can do something about: the store is away, or has refused. */
export class EntryStoreError extends Error {
  override readonly name = "EntryStoreError";
  /** Again later helps. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isTemporary = isTemporary;
  }
}
