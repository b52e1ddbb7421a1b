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

/** Of two lists the first place where they part, so that one lost line doesn't print all the others. */
function difference(actual: unknown, expected: unknown): string {
  if (!Array.isArray(actual) || !Array.isArray(expected))
    return `${show(actual)} is not ${show(expected)}`;
  const longer = Math.max(actual.length, expected.length);
  for (let at = 0; at < longer; at += 1)
    if (!isDeepStrictEqual(actual[at], expected[at]))
      return `at ${at} of ${longer}: ${show(actual[at])} is not ${show(expected[at])}`;
  return "";
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
}
