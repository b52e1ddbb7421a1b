import type { EventData, EventType, SessionId } from "@sessions/contract";

interface EventOf<Type extends EventType> {
  readonly sessionId: SessionId;
  readonly offset: number;
  readonly type: Type;
  /** The client's id of the record or command, when it sent one. */
  readonly id?: string;
  /** When the service took it, ISO 8601. */
  readonly timestamp: string;
  readonly data: EventData[Type];
  /** `data` as JSON text, made once and shared by the journal, the files and the frames. */
  readonly json: string;
}

/** One fact about one session: what `decide` returns, the journal keeps and every view folds. */
export type SessionEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** An event before it has its place. */
export type EventDraft = { [Type in EventType]: Pick<EventOf<Type>, "type" | "data"> }[EventType];

/** An event from parts whose types are known to fit: the draft's, or a stored line's. */
export function createEvent(
  parts: Omit<EventOf<EventType>, "id" | "data"> & { id: string | undefined; data: unknown },
): SessionEvent {
  const { id, ...rest } = parts;
  return { ...rest, ...(id !== undefined && { id }) } as SessionEvent;
}
