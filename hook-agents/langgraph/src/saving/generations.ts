import type { Tagged } from "./entry.ts";
import type { Transcript } from "./transcript.ts";

export interface Generation {
  readonly transcript: Transcript;
  readonly entries: readonly Tagged[];
}

export interface SortedGenerations {
  /** Oldest first. Together they are the thread. */
  readonly used: readonly Generation[];
  /** All that is kept of them is in a later one. */
  readonly obsolete: readonly Generation[];
  /** The number of the one to write to. */
  readonly latest: number;
}

export function sortOut(generations: readonly Generation[]): SortedGenerations {
  const entries = generations.flatMap((one) => one.entries);
  const seals = entries.filter((entry) => entry.type === "sealed");
  const moves = entries.filter((entry) => entry.type === "moved");
  const numberOf = ({ transcript }: Generation) => transcript.generation;
  const isObsolete = (one: Generation) => {
    // Whoever wrote there after it was copied did not know; that counts, and what is before it too.
    const tag = one.entries.at(-1)?.tag;
    return tag !== undefined && seals.some(({ covers }) => covers[numberOf(one)] === tag);
  };
  return {
    used: generations
      .filter((one) => !isObsolete(one))
      .toSorted((a, b) => numberOf(a) - numberOf(b)),
    obsolete: generations.filter(isObsolete),
    latest: Math.max(1, ...generations.map(numberOf), ...moves.map(({ to }) => to)),
  };
}
