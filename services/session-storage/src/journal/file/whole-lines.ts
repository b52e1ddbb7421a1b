import type { FileLine } from "../../files/file-line.ts";
import { isWholeLine, wholeLineWithin } from "../../files/line.ts";
import { type LineHead, readHead } from "./journal-line.ts";

export interface LineVisitor {
  /** @param isTerminated false when its newline is missing */
  whole(line: Buffer, head: LineHead, at: number, isTerminated: boolean): void;
  /** Bytes that are no line, a newline that ends them included. */
  damaged(at: number, byteCount: number): void;
}

/** Tells the whole lines from damaged bytes; also finds lines that lost only the newline between them. */
export function visitLine({ at, bytes, terminated }: FileLine, visitor: LineVisitor): void {
  const head = isWholeLine(bytes) ? readHead(bytes) : undefined;
  if (head !== undefined) return visitor.whole(bytes, head, at, terminated);
  const length = wholeLineWithin(bytes);
  const inner = length === undefined ? undefined : readHead(bytes.subarray(0, length));
  if (length === undefined || inner === undefined)
    return visitor.damaged(at, bytes.length + (terminated ? 1 : 0));
  visitor.whole(bytes.subarray(0, length), inner, at, false);
  visitor.damaged(at + length, 1);
  const rest = bytes.subarray(length + 1);
  if (rest.length > 0 || terminated)
    visitLine({ at: at + length + 1, bytes: rest, terminated }, visitor);
}
