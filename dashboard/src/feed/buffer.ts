import type { Row } from "./row.ts";

/** The newest rows; older ones go in blocks, so that going is cheap. */
export interface RowBuffer {
  /** Index of the oldest row that is kept; indices count from the first row there ever was. */
  first(): number;
  /** Index after the newest row. */
  end(): number;
  at(index: number): Row | undefined;
  push(row: Row): void;
  /** Index of the row at or after a position, `end` when there is none. */
  indexOf(position: number): number;
  clear(): void;
}

const blockRows = 1_000;

export function createRowBuffer(maxRows: number): RowBuffer {
  let rows: Row[] = [];
  let dropped = 0;

  return {
    first: () => dropped,
    end: () => dropped + rows.length,
    at: (index) => rows[index - dropped],
    push(row) {
      rows.push(row);
      if (rows.length < maxRows + blockRows) return;
      rows = rows.slice(blockRows);
      dropped += blockRows;
    },
    indexOf(position) {
      let low = 0;
      let high = rows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((rows[middle]?.position ?? 0) < position) low = middle + 1;
        else high = middle;
      }
      return dropped + low;
    },
    clear() {
      rows = [];
      dropped = 0;
    },
  };
}
