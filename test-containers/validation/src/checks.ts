import { isDeepStrictEqual } from "node:util";

/** One thing that a session has to fulfil. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong; empty when nothing is. */
  readonly detail: string;
}

export interface Checks {
  readonly all: readonly Check[];
  holds(name: string, ok: boolean, detail?: () => string): void;
  equals(name: string, actual: unknown, expected: unknown): void;
}

const shownChars = 300;

export function createChecks(): Checks {
  const all: Check[] = [];
  const holds: Checks["holds"] = (name, ok, detail = () => "") => {
    all.push({ name, ok, detail: ok ? "" : detail() });
  };
  return {
    all,
    holds,
    equals(name, actual, expected) {
      holds(name, isDeepStrictEqual(actual, expected), () => difference(actual, expected));
    },
  };
}

/** The first place where two values part, so that one lost line doesn't print all the others. */
function difference(actual: unknown, expected: unknown, place = ""): string {
  if (isComposed(actual) && isComposed(expected)) {
    const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
    for (const name of names)
      if (!isDeepStrictEqual(actual[name], expected[name]))
        return difference(actual[name], expected[name], `${place}/${name}`);
  }
  return `${place && `${place}: `}${show(actual)} is not ${show(expected)}`;
}

const isComposed = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
}
