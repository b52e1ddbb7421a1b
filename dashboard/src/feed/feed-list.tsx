import { useEffect, useState } from "preact/hooks";

import { formatCount } from "../core/format.ts";
import { goTo, param, sessionHash, setParams } from "../core/route.ts";
import { rowPx } from "../ui/narrow.ts";
import { Rows } from "../ui/rows.tsx";
import { useKeys } from "../ui/use-keys.ts";
import { EventPanel } from "./event-panel.tsx";
import { FeedFilters } from "./feed-filters.tsx";
import { FeedRow } from "./feed-row.tsx";
import type { FeedStore } from "./feed-store.ts";
import type { Row, RowKind } from "./row.ts";
import { rowKinds } from "./row.ts";

export interface FeedListProps {
  store: FeedStore;
  /** Of all sessions: the session is a column. */
  showsSession: boolean;
  /** Said where no row is. */
  empty: string;
}

const isKind = (text: string): text is RowKind => rowKinds.some((kind) => kind === text);

/** Rows as they come; pauses when somebody reads, and says what came meanwhile. */
export function FeedList({ store, showsSession, empty }: FeedListProps) {
  const [selected, setSelected] = useState<Row | undefined>();
  const kind = param("kind");
  const [text, sessionId] = [param("text"), param("session")];
  useEffect(
    () => store.setFilter({ kind: isKind(kind) ? kind : "", sessionId, text }),
    [store, kind, sessionId, text],
  );

  useEffect(
    () => () => {
      // Who comes back wants to see what is new.
      store.resume();
      setSelected(undefined);
    },
    [store],
  );

  void store.revision.value;
  const rows = store.rows();
  const pausedAt = store.pausedAt.value;
  const first = rows.first();
  const end = Math.max(first, Math.min(rows.end(), pausedAt ?? rows.end()));
  const count = end - first;
  const selectedIndex = selected === undefined ? -1 : rows.indexOf(selected.position) - first;
  const offsetInUrl = Number(param("at"));

  useEffect(() => {
    if (!(offsetInUrl > 0) || selected !== undefined || showsSession) return;
    for (let index = first; index < end; index += 1) {
      const row = rows.at(index);
      if (row === undefined || row.offset < offsetInUrl) continue;
      store.pause();
      setSelected(row);
      return;
    }
  }, [offsetInUrl, count]);

  function select(index: number): void {
    const row = rows.at(first + index);
    if (row === undefined) return;
    store.pause();
    setSelected(row);
    if (!showsSession) setParams({ at: String(row.offset) });
  }
  function close(): void {
    setSelected(undefined);
    setParams({ at: "" });
  }
  const move = (by: number) =>
    select(
      selected === undefined ? count - 1 : Math.max(0, Math.min(count - 1, selectedIndex + by)),
    );

  useKeys({
    j: () => move(1),
    k: () => move(-1),
    e: () => select(selectedIndex < 0 ? count - 1 : selectedIndex),
    p: () => (store.pausedAt.value === undefined ? store.pause() : store.resume()),
    ...(selected !== undefined && { Escape: close }),
    ...(selected !== undefined &&
      showsSession && { Enter: () => goTo(sessionHash(selected.sessionId)) }),
  });

  return (
    <div class={`feed${selected === undefined ? "" : " has-panel"}`}>
      <div class="feed-main">
        <FeedFilters hasSession={showsSession} />
        <FollowBar store={store} newRows={rows.end() - end} />
        {count === 0 ? (
          <p class="message">{empty}</p>
        ) : (
          <Rows
            count={count}
            first={first}
            rowPx={rowPx()}
            label="Events"
            selected={selectedIndex < 0 ? undefined : selectedIndex}
            isFollowing={pausedAt === undefined}
            onFollow={(isFollowing) => (isFollowing ? store.resume() : store.pause())}
            header={<Head showsSession={showsSession} />}
            render={(index) => {
              const row = rows.at(first + index);
              if (row === undefined) return null;
              return (
                <FeedRow
                  row={row}
                  index={index}
                  isSelected={index === selectedIndex}
                  showsSession={showsSession}
                  open={select}
                />
              );
            }}
          />
        )}
      </div>
      {selected !== undefined && <EventPanel row={selected} close={close} />}
    </div>
  );
}

const Head = ({ showsSession }: { showsSession: boolean }) => (
  <div
    class={`row feed-row row-head${showsSession ? " has-session" : ""}`}
    role="row"
    aria-rowindex={1}
  >
    <span role="columnheader">Time</span>
    {showsSession && <span role="columnheader">Session</span>}
    <span role="columnheader">Kind</span>
    <span role="columnheader">What</span>
    <span role="columnheader">Outcome</span>
    <span role="columnheader" class="number">
      Took
    </span>
  </div>
);

function FollowBar({ store, newRows }: { store: FeedStore; newRows: number }) {
  const isPaused = store.pausedAt.value !== undefined;
  return (
    <div class={`follow${isPaused ? " is-paused" : ""}`}>
      <span role="status">
        {isPaused ? `Paused · ${formatCount(newRows)} new` : "Following the newest"}
      </span>
      <button type="button" onClick={() => (isPaused ? store.resume() : store.pause())}>
        {isPaused ? "Resume" : "Pause"}
      </button>
      <span class="quiet number">
        {store.received.value.toLocaleString("en")} events · {store.missing.value} lost
      </span>
    </div>
  );
}
