import type { SessionEvent } from "../../domain/event.ts";
import type { JournalEntry, Position } from "../journal.ts";
import { eventLine } from "./journal-line.ts";

/** An append that waits for its turn. */
export interface Waiting {
  readonly events: readonly SessionEvent[];
  resolve(position: Position): void;
  reject(error: Error): void;
}

/** What one write and one fsync make durable. */
export interface Batch {
  readonly appends: readonly Waiting[];
  /** The position of each append's last event. */
  readonly positions: readonly Position[];
  readonly entries: readonly JournalEntry[];
  readonly bytes: Buffer;
  readonly last: Position;
}

/** Bytes; a batch ends with the append that reaches it. */
const batchBytes = 8_388_608;

/**
 * Takes from the front of `queue` and gives positions.
 * @param last position given before
 * @param durable position that the lines say to be durable
 */
export function takeBatch(queue: Waiting[], last: Position, durable: Position): Batch {
  const lines: Buffer[] = [];
  const entries: JournalEntry[] = [];
  const positions: Position[] = [];
  let byteCount = 0;
  let position = last;
  let taken = 0;
  while (taken < queue.length && byteCount < batchBytes) {
    const { events } = queue[taken] as Waiting;
    let more = events.length;
    for (const event of events) {
      position += 1;
      more -= 1;
      const line = eventLine(position, event, more, durable);
      byteCount += line.length;
      lines.push(line);
      entries.push({ position, event });
    }
    positions.push(position);
    taken += 1;
  }
  const appends = queue.splice(0, taken);
  return { appends, positions, entries, bytes: Buffer.concat(lines, byteCount), last: position };
}
