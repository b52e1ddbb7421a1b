import { useEffect, useRef, useState } from "preact/hooks";

import { getEvents } from "../core/api.ts";
import type { Event } from "../core/wire.ts";

export interface HistoryPart {
  readonly events: readonly Event[];
  readonly error: unknown;
  readonly isLoading: boolean;
  /** There are events before the first one here. */
  readonly hasEarlier: boolean;
  loadEarlier(): void;
  retry(): void;
}

interface Loaded {
  readonly events: readonly Event[];
  /** Offsets after `from`, up to and with `to`, were asked for. */
  readonly from: number;
  readonly to: number;
}

/** Offsets that one step back covers, and a long one where few are of the wanted types. */
const stepOffsets = 500;
const longStepOffsets = 5_000;
/** With fewer there is nothing to read yet. */
const fewEvents = 50;

/** The last part of a session's history, growing at both ends: with what happens and with `loadEarlier`. */
export function useHistory(
  sessionId: string,
  latest: number,
  types: readonly string[] = [],
): HistoryPart {
  const [wantedFrom, setWantedFrom] = useState(() => Math.max(0, latest - stepOffsets));
  const [loaded, setLoaded] = useState<Loaded>({ events: [], from: wantedFrom, to: wantedFrom });
  const [isLoading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const isAsking = useRef(false);
  const isGone = useRef(false);
  useEffect(() => () => void (isGone.current = true), []);

  useEffect(() => {
    // What happens meanwhile is asked for next: a busy session would never be shown otherwise.
    if (isAsking.current) return;
    const isEarlier = wantedFrom < loaded.from;
    if (!isEarlier && loaded.to >= latest) return setLoading(false);
    isAsking.current = true;
    const after = isEarlier ? wantedFrom : loaded.to;
    const limit = isEarlier ? loaded.from - wantedFrom : stepOffsets;
    getEvents(sessionId, after, limit, types).then(
      ({ events, next: cursor, hasMore }) => {
        isAsking.current = false;
        if (isGone.current) return;
        setError(undefined);
        setLoading(false);
        setLoaded((before) =>
          isEarlier
            ? { ...before, events: merge(before.events, events), from: wantedFrom }
            : {
                events: merge(before.events, events),
                from: before.from,
                to: hasMore ? cursor : Math.max(cursor, latest),
              },
        );
      },
      (failure: unknown) => {
        isAsking.current = false;
        if (isGone.current) return;
        setError(failure);
        setLoading(false);
      },
    );
  }, [sessionId, latest, wantedFrom, loaded.from, loaded.to, attempt]);

  const stepBack = (offsets: number) => setWantedFrom((from) => Math.max(0, from - offsets));
  const isDone = !isLoading && error === undefined && loaded.from === wantedFrom;
  useEffect(() => {
    if (isDone && loaded.events.length < fewEvents) stepBack(longStepOffsets);
  }, [isDone, loaded.events.length]);

  return {
    events: loaded.events,
    error,
    isLoading,
    hasEarlier: wantedFrom > 0,
    loadEarlier: () => stepBack(stepOffsets),
    retry: () => setAttempt(attempt + 1),
  };
}

function merge(before: readonly Event[], more: readonly Event[]): readonly Event[] {
  const byOffset = new Map([...before, ...more].map((event) => [event.offset, event]));
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}
