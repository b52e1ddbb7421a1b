import type { HookAgentLog } from "./api.ts";

/** Warns about each thing once until it is forgotten, and never throws. */
export interface Warnings {
  readonly warn: (about: string, details: object, message: string) => void;
  readonly forget: (about: string) => void;
}

export function createWarnings(log: HookAgentLog | undefined): Warnings {
  const warned = new Set<string>();
  return {
    warn(about, details, message) {
      if (warned.has(about)) return;
      warned.add(about);
      try {
        if (log) log.warn(details, message);
        else process.emitWarning(`${message}: ${textOf(details)}`, "SessionHookAgentWarning");
      } catch {
        // A log that throws must not reach the agent, and there is nowhere else to say it.
      }
    },
    forget: (about) => void warned.delete(about),
  };
}

function textOf(details: object): string {
  return Object.entries(details)
    .map(
      ([key, value]) => `${key}=${value instanceof Error ? value.message : JSON.stringify(value)}`,
    )
    .join(" ");
}
