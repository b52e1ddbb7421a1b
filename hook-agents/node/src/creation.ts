import { createHash } from "node:crypto";

import type { SessionOptions } from "./api.ts";
import { createCommandLine } from "./command.ts";

/** The command that creates the session: for the spool, and again when the service turns out not to know the session. */
export interface Creation {
  /** The command as a line for the next batch to begin with; empty unless it is needed. */
  next(): string;
  /** The service doesn't know the session. @returns false when it has just been told */
  isMissing(): boolean;
  /** The service refuses the options: a session without them is better than none. @returns false when there are none */
  dropOptions(): boolean;
  /** The service knows the session. */
  done(): void;
}

export function createCreation(options: SessionOptions, maxBytes: number): Creation {
  const id = createIdOf(options);
  let session = options;
  let step: "known" | "missing" | "told" = "known";

  return {
    next() {
      if (step === "known") return "";
      step = "told";
      return createCommandLine("session_created", id, session, maxBytes).text;
    },
    isMissing() {
      if (step === "told") return false;
      step = "missing";
      return true;
    },
    dropOptions() {
      if (Object.keys(session).length === 0) return false;
      session = {};
      step = "missing";
      return true;
    },
    done() {
      step = "known";
    },
  };
}

/**
 * The same from every process: a session that is over is not opened again by one that only repeats what another
 * had sent. With another user it is another command, which the service can refuse.
 */
export function createIdOf({ userId = "" }: SessionOptions = {}): string {
  return `created-${createHash("sha256").update(userId).digest("hex").slice(0, 32)}`;
}
