import type { ShownStatus } from "../core/status.ts";

/** One shape a state, so that colour is never the only sign. */
const statusPaths: Readonly<Record<ShownStatus, string>> = {
  running: "M5 3.5 12 8l-7 4.5z",
  waiting: "M8 2.5 13.5 8 8 13.5 2.5 8z",
  idle: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
  no_heartbeat: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM8 5v3h3",
  completed: "M3 8.5 6.5 12 13 4.5",
  failed: "M4 4l8 8M12 4l-8 8",
  stopped: "M4 4h8v8H4z",
};

const glyphs = {
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  chevron: "M6 4l4 4-4 4",
} as const;
export type Glyph = keyof typeof glyphs;

const Svg = ({ path }: { path: string }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={path} />
  </svg>
);

export const StatusIcon = ({ status }: { status: ShownStatus }) => (
  <Svg path={statusPaths[status]} />
);
export const Icon = ({ glyph }: { glyph: Glyph }) => <Svg path={glyphs[glyph]} />;
