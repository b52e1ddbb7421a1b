import { useMemo, useRef, useState } from "preact/hooks";

import { now } from "../core/clock.ts";
import { goTo, param, sessionHash } from "../core/route.ts";
import { statusOf } from "../core/status.ts";
import type { Session } from "../core/wire.ts";
import { rowPx } from "../ui/narrow.ts";
import { Rows } from "../ui/rows.tsx";
import { useKeys } from "../ui/use-keys.ts";
import { type Sort, keepOrder, sortSessions, sorts } from "./order.ts";
import { SessionRow, sessionColumns } from "./session-row.tsx";

/** Problems sort to the top again when the pointer has left and the minute is over. */
const reorderMs = 10_000;

export function chosenSort(): Sort {
  return sorts.find((sort) => sort === param("sort")) ?? "attention";
}

export function SessionTable({ sessions }: { sessions: ReadonlyMap<string, Session> }) {
  const [selected, setSelected] = useState(-1);
  const [isPointed, setPointed] = useState(false);
  const order = useRef<string[]>([]);
  const sort = chosenSort();
  const status = param("status");
  const tick = Math.floor(now.value / reorderMs);

  const list = useMemo(() => {
    const shown = [...sessions.values()].filter(
      (session) => status === "" || statusOf(session, now.peek()) === status,
    );
    const sorted = sortSessions(shown, sort, now.peek());
    const next = isPointed ? keepOrder(order.current, sorted) : sorted;
    order.current = next.map(({ sessionId }) => sessionId);
    return next;
  }, [sessions, sort, status, isPointed, tick]);

  useKeys({
    j: () => setSelected((index) => Math.min(list.length - 1, index + 1)),
    k: () => setSelected((index) => Math.max(0, index - 1)),
    Enter: () => {
      const session = list[selected];
      if (session) goTo(sessionHash(session.sessionId));
    },
  });

  if (list.length === 0)
    return <p class="message">No session matches. Change the filters above.</p>;
  return (
    <div
      class="session-table"
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
    >
      <Rows
        count={list.length}
        rowPx={rowPx()}
        label="Sessions"
        selected={selected}
        header={
          <div class="row session-row row-head" role="row" aria-rowindex={1}>
            {sessionColumns.map((name, index) => (
              <span role="columnheader" class={headClass(index)} key={name}>
                {name}
              </span>
            ))}
          </div>
        }
        render={(index) => {
          const session = list[index];
          if (session === undefined) return null;
          return <SessionRow session={session} index={index} isSelected={index === selected} />;
        }}
      />
    </div>
  );
}

const headClass = (index: number) =>
  index >= 5
    ? "cell-wide number"
    : index === 4
      ? "cell-sign number"
      : index === 2
        ? "cell-wide"
        : "";
