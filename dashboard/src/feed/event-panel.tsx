import { useEffect, useState } from "preact/hooks";

import { getEvent } from "../core/api.ts";
import { formatHash, sessionHash } from "../core/route.ts";
import { type Event, wireText } from "../core/wire.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { JsonTree } from "../ui/json-tree.tsx";
import { Problem, Skeleton } from "../ui/message.tsx";
import { Clock } from "../ui/time.tsx";
import { EntryCard } from "./entry-card.tsx";
import { kindWords } from "./feed-row.tsx";
import type { Row } from "./row.ts";
import { ToolCard } from "./tool-card.tsx";

/** The whole event behind a row; asked for only now, so that a big body costs nothing before. */
export function EventPanel({ row, close }: { row: Row; close(): void }) {
  const [event, setEvent] = useState<Event | undefined>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const { sessionId, offset } = row;
  useEffect(() => {
    let isCurrent = true;
    setEvent(undefined);
    setError(undefined);
    getEvent(sessionId, offset).then(
      (found) => isCurrent && setEvent(found),
      (failure: unknown) => isCurrent && setError(failure),
    );
    return () => {
      isCurrent = false;
    };
  }, [sessionId, offset, attempt]);

  const at = new Map([["at", String(offset)]]);
  const hash = formatHash({ page: "session", sessionId, tab: "feed" }, at);
  return (
    <aside class="panel" aria-label="Event">
      <header class="panel-head">
        <h2>{row.title === "" ? kindWords[row.kind] : row.title}</h2>
        <CopyButton text={new URL(hash, location.href).href} what="the link to this event" />
        <button type="button" class="is-icon" aria-label="Close the event" onClick={close}>
          <Icon glyph="close" />
        </button>
      </header>
      <p class="quiet">
        <a href={sessionHash(sessionId)}>{sessionId}</a> · event{" "}
        <span class="number">{offset}</span> · <Clock at={row.at} />
      </p>
      {error !== undefined && <Problem error={error} retry={() => setAttempt(attempt + 1)} />}
      {event === undefined && error === undefined && <Skeleton label="Loading the event" />}
      {event !== undefined && (
        <>
          <ToolCard event={event} />
          <EntryCard event={event} />
          <h3>
            As recorded <CopyButton text={wireText(event, 2)} what="the event as JSON" />
          </h3>
          <JsonTree value={event.data} />
        </>
      )}
    </aside>
  );
}
