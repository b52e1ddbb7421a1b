import { cut } from "./readable.ts";

/** The words that the store's page knows. */
export type Outcome = "succeeded" | "failed" | "interrupted";

const errorChars = 4_096;

/**
 * LangGraph leaves a node by throwing also when nothing is wrong: to ask somebody, or to hand over to a node of
 * the graph above. Told by name, as its own packages do: there may be two copies of it.
 */
export function outcomeOf(error: unknown): Outcome {
  const name = nameOf(error);
  if (name === "ParentCommand") return "succeeded";
  return isInterrupt(error) || isAbort(error) || name === "GraphDrained" ? "interrupted" : "failed";
}

export function isAbort(error: unknown): boolean {
  return nameOf(error) === "AbortError";
}

export function isInterrupt(error: unknown): error is { interrupts?: unknown } {
  const name = nameOf(error);
  return name === "GraphInterrupt" || name === "NodeInterrupt";
}

/** What a node asked for when it interrupted the graph. */
export function interruptValueOf(error: { interrupts?: unknown }): unknown {
  const first: unknown = Array.isArray(error.interrupts) ? error.interrupts[0] : undefined;
  return typeof first === "object" && first !== null && "value" in first ? first.value : first;
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return cut(String(error), errorChars);
  const name = error.name === "Error" ? "" : `${error.name}: `;
  return cut(`${name}${error.message}`, errorChars);
}

function nameOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("name" in error)) return undefined;
  return typeof error.name === "string" ? error.name : undefined;
}
