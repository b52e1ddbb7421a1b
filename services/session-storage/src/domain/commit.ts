import { type SessionId, limits } from "@sessions/contract";

import { type DecideContext, type SessionCommand, decide } from "./decide.ts";
import { ServiceError } from "./errors.ts";
import { type SessionEvent, createEvent } from "./event.ts";
import { fold } from "./fold.ts";
import type { Session } from "./session.ts";
import { entryIdOf, noTranscripts } from "./transcripts.ts";

/** What became of one command. */
export interface CommandOutcome {
  /** Of its last event; for one that changed nothing the session's last offset. */
  readonly offset: number;
  /** Its id was stored before; `offset` is the first one's. */
  readonly isDuplicate: boolean;
  /** Its last event, absent when it changed nothing. */
  readonly event?: SessionEvent;
}

export interface Commit {
  readonly session: Session | undefined;
  readonly events: readonly SessionEvent[];
  readonly outcomes: readonly CommandOutcome[];
}

/**
 * Decides commands one after another, each on what the ones before it led to: all of them or, when
 * one is refused, none. A refusal in a batch names the command's index.
 */
export function commit(
  sessionId: SessionId,
  before: Session | undefined,
  commands: readonly SessionCommand[],
  context: DecideContext & { offsetOf(id: string): number | undefined },
): Commit {
  let session = before;
  let offset = before?.metadata.offset ?? 0;
  const events: SessionEvent[] = [];
  const outcomes: CommandOutcome[] = [];
  const idsInBatch = new Map<string, number>();

  for (const [index, command] of commands.entries()) {
    const id = idOf(session, command);
    const firstOffset = id === undefined ? undefined : (idsInBatch.get(id) ?? context.offsetOf(id));
    if (firstOffset !== undefined) {
      outcomes.push({ offset: firstOffset, isDuplicate: true });
      continue;
    }
    let event: SessionEvent | undefined;
    try {
      for (const draft of decide(session, command, context)) {
        offset += 1;
        const json = JSON.stringify(draft.data);
        event = createEvent({ ...draft, sessionId, offset, id, timestamp: context.now, json });
        session = withinStateLimit(fold(session, event));
        if (session === undefined) offset = 0;
        events.push(event);
      }
    } catch (error) {
      throw context.isBatch ? atIndex(error, index, command.type) : error;
    }
    if (id !== undefined) idsInBatch.set(id, offset);
    outcomes.push({ offset: event?.offset ?? offset, isDuplicate: false, ...(event && { event }) });
  }
  return { session, events, outcomes };
}

function idOf(session: Session | undefined, command: SessionCommand): string | undefined {
  if (command.type === "transcript_entry")
    return entryIdOf(session?.transcripts ?? noTranscripts, command.data, command.id);
  if (command.type !== "action" && command.type !== "response") return command.id;
  return command.data.id ?? command.id;
}

function withinStateLimit(session: Session | undefined): Session | undefined {
  if (session === undefined || session.stateBytes <= limits.stateBytes) return session;
  const stateBytes = JSON.stringify(session.state).length;
  if (stateBytes <= limits.stateBytes) return { ...session, stateBytes };
  throw new ServiceError(
    "payload_too_large",
    `the state would have ${stateBytes} bytes; the limit is ${limits.stateBytes} (stateBytes)`,
  );
}

/** `decide` names fields as a route of its own would; in a batch they stand deeper. */
function atIndex(error: unknown, index: number, type: SessionCommand["type"]): unknown {
  if (!(error instanceof ServiceError)) return error;
  const data = type === "state_updated" ? `/${index}/data/patch` : `/${index}/data`;
  const { code, message, errors, retryAfterMs, members } = error;
  return new ServiceError(code, `command ${index}: ${message}`, {
    cause: error,
    errors: errors?.map((e) => ({ ...e, field: data + e.field })) ?? [
      { field: `/${index}`, message },
    ],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(members && { members }),
  });
}
