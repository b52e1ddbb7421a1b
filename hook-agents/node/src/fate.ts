import type { Receipt } from "./api.ts";

/** What became of the records of one segment, by their line number. Costs nothing while nobody asks. */
export interface Fate {
  /** For a line that is not stored, or that is stored now. Lines are stored in order. */
  settle(line: number, receipt: Receipt): void;
  receiptOf(line: number): Promise<Receipt>;
}

/** One record's line. */
export interface Place {
  readonly fate: Fate;
  readonly line: number;
}

export function createFate(): Fate {
  let storedBelow = 0;
  const others = new Map<number, Receipt>();
  const waiting = new Map<number, (receipt: Receipt) => void>();

  return {
    settle(line, receipt) {
      if (receipt.outcome === "stored") storedBelow = line + 1;
      else others.set(line, receipt);
      waiting.get(line)?.(receipt);
      waiting.delete(line);
    },
    receiptOf(line) {
      const other = others.get(line);
      if (other) return Promise.resolve(other);
      if (line < storedBelow) return Promise.resolve({ outcome: "stored" });
      return new Promise((resolve) => {
        const before = waiting.get(line);
        waiting.set(line, (receipt) => {
          before?.(receipt);
          resolve(receipt);
        });
      });
    },
  };
}

/** What a call hands back; there may be hundreds of thousands, so the promise is made on demand. */
export class Ticket {
  readonly id: string;
  readonly #place: Place;
  #receipt: Promise<Receipt> | undefined;

  constructor(id: string, place: Place) {
    this.id = id;
    this.#place = place;
  }

  get receipt(): Promise<Receipt> {
    this.#receipt ??= this.#place.fate.receiptOf(this.#place.line);
    return this.#receipt;
  }
}
