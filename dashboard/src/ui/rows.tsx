import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { scrollTopFor, sliceOf } from "./window.ts";

export interface RowsProps {
  count: number;
  rowPx: number;
  label: string;
  /** Of the columns' heads, for the accessible table. */
  header?: ComponentChildren;
  /** Draws row `index`; its root takes `role="row"` and `aria-rowindex`. */
  render(index: number): ComponentChildren;
  /** Kept in view when it changes. */
  selected?: number | undefined;
  /** Stays at the newest row. */
  isFollowing?: boolean;
  /** The reader scrolled away from the newest row, or back to it. */
  onFollow?(isFollowing: boolean): void;
  /** Rows that went at the top since the last drawing: what is seen must not move. */
  first?: number;
}

/** A table of which only the rows in sight exist. */
export function Rows(props: RowsProps) {
  const { count, rowPx, label, header, render, selected, isFollowing = false, onFollow } = props;
  const first = props.first ?? 0;
  const body = useRef<HTMLDivElement>(null);
  const drawnFirst = useRef(first);
  /** Where this code last scrolled to: a scroll event from there is not the reader's. */
  const ownScroll = useRef(-1);
  const [scrollTop, setScrollTop] = useState(0);
  const [viewport, setViewport] = useState(600);

  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return;
    const measure = () => setViewport(element.clientHeight);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  function scrollTo(element: HTMLElement, top: number): void {
    element.scrollTop = top;
    ownScroll.current = element.scrollTop;
    setScrollTop(element.scrollTop);
  }

  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return;
    const gone = first - drawnFirst.current;
    drawnFirst.current = first;
    if (isFollowing) scrollTo(element, count * rowPx);
    else if (gone > 0) scrollTo(element, element.scrollTop - gone * rowPx);
  }, [first, count, isFollowing, rowPx, viewport]);

  useEffect(() => {
    const element = body.current;
    if (!element || selected === undefined || selected < 0) return;
    const top = scrollTopFor(selected, rowPx, element.scrollTop, element.clientHeight);
    if (top !== undefined) scrollTo(element, top);
  }, [selected, rowPx]);

  function onScroll(event: { currentTarget: HTMLElement }): void {
    const { currentTarget: element } = event;
    setScrollTop(element.scrollTop);
    if (Math.abs(element.scrollTop - ownScroll.current) < 2) return;
    ownScroll.current = -1;
    onFollow?.(element.scrollTop + element.clientHeight >= element.scrollHeight - rowPx);
  }

  const slice = sliceOf(count, rowPx, scrollTop, viewport);
  const drawn: ComponentChildren[] = [];
  for (let index = slice.from; index < slice.to; index += 1) drawn.push(render(index));
  return (
    <div class="table" role="table" aria-label={label} aria-rowcount={count + (header ? 1 : 0)}>
      {header}
      <div class="table-body" role="rowgroup" tabIndex={0} ref={body} onScroll={onScroll}>
        <div class="table-space" style={{ height: `${slice.totalPx}px` }}>
          <div class="table-window" style={{ transform: `translateY(${slice.offsetPx}px)` }}>
            {drawn}
          </div>
        </div>
      </div>
    </div>
  );
}
