import type { Event } from "../core/wire.ts";
import type { Row } from "./row.ts";
import { sightOf } from "./sight.ts";

/** Calls whose end has not come; past this the oldest will show as two rows. */
const openCalls = 10_000;

export interface Pairing {
  /** @returns the new row, or undefined when the event completed an earlier one or says nothing */
  add(event: Event): Row | undefined;
}

/** Makes rows of events, and one row of the beginning and the end of a tool call. */
export function createPairing(): Pairing {
  const open = new Map<string, Row>();

  return {
    add(event) {
      const sight = sightOf(event);
      if (sight === undefined) return undefined;
      const { row, call } = sight;
      if (call === undefined) return row;
      const key = `${event.sessionId}\n${call.id}`;
      const begun = open.get(key);
      if (!call.isEnd) {
        if (begun !== undefined) return undefined;
        open.set(key, row);
        const [oldest] = open.keys();
        if (open.size > openCalls && oldest !== undefined) open.delete(oldest);
        return row;
      }
      if (begun === undefined) return row;
      open.delete(key);
      begun.offset = row.offset;
      begun.title = row.title;
      begun.detail = row.detail === "" ? begun.detail : row.detail;
      begun.outcome = row.outcome;
      begun.durationMs = row.durationMs ?? Math.max(0, row.at - begun.at);
      return undefined;
    },
  };
}
