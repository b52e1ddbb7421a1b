import { useEffect, useState } from "preact/hooks";

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

/** Offsets that one step back covers. */
const stepOffsets = 500;

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

  useEffect(() => {
    const isEarlier = wantedFrom < loaded.from;
    if (!isEarlier && loaded.to >= latest) return setLoading(false);
    let isCurrent = true;
    const after = isEarlier ? wantedFrom : loaded.to;
    getEvents(sessionId, after, stepOffsets, types).then(
      ({ events, next: cursor, hasMore }) => {
        if (!isCurrent) return;
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
        if (!isCurrent) return;
        setError(failure);
        setLoading(false);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [sessionId, latest, wantedFrom, loaded.from, loaded.to, attempt]);

  return {
    events: loaded.events,
    error,
    isLoading,
    hasEarlier: wantedFrom > 0,
    loadEarlier: () => setWantedFrom(Math.max(0, wantedFrom - stepOffsets)),
    retry: () => setAttempt(attempt + 1),
  };
}

function merge(before: readonly Event[], more: readonly Event[]): readonly Event[] {
  const byOffset = new Map([...before, ...more].map((event) => [event.offset, event]));
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}
