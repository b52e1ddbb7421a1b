import type { Checks } from "./checks.ts";
import { logFiles, type LogFile, type Stored, type StoredLine } from "./stored.ts";
import type { Told } from "./told.ts";

/** The files have to say what the API says. */
export function checkSame(checks: Checks, { view, events }: Told, stored: Stored): void {
  for (const file of logFiles) {
    const { lines, damage } = stored.logs[file];
    checks.holds(`${file}.jsonl has sealed lines of JSON`, damage.length === 0, () =>
      damage.join("; "),
    );
    checks.equals(
      `${file}.jsonl counts its lines`,
      lines.map(({ seq }) => seq),
      lines.map((_line, index) => index + 1),
    );
  }
  const written = logFiles
    .flatMap((file) => stored.logs[file].lines.map((line) => eventOf(file, line)))
    .toSorted((a, b) => a.offset - b.offset);
  checks.equals(
    "the files, merged by offset, are the history",
    written,
    events.map(({ type, offset, position, timestamp, data }) => ({
      type,
      offset,
      position,
      timestamp,
      data,
    })),
  );

  const { asOfOffset, ...state } = (stored.state ?? {}) as Record<string, unknown>;
  const { seqs, ...metadata } = (stored.metadata ?? {}) as Record<string, unknown>;
  checks.equals("state.json is the state", state, view.state);
  checks.equals("state.json is as of the last event", asOfOffset, events.at(-1)?.offset);
  checks.equals("metadata.json is the metadata", metadata, view.metadata);
  checks.equals("metadata.json counts the lines", seqs, {
    actions: stored.logs.actions.lines.length,
    responses: stored.logs.responses.lines.length,
    changes: stored.logs.changes.lines.length,
  });
  checks.equals("final.json is the end", stored.final, view.final);
  checks.equals("initial.json is what it was created with", stored.initial, view.initial);
}

interface WrittenEvent {
  readonly type: string;
  readonly offset: number;
  readonly position: unknown;
  readonly timestamp: unknown;
  readonly data: unknown;
}

/** A line as the event that it keeps: a record's line is the record, a change's has its data apart. */
function eventOf(file: LogFile, line: StoredLine): WrittenEvent {
  const { offset, _p: position, _t, _c, ...members } = line;
  if (file === "changes") {
    const { type, timestamp, data } = members;
    return { type: String(type), offset, position, timestamp, data };
  }
  const type = file === "actions" ? "action" : "response";
  return { type, offset, position, timestamp: _t ?? members["timestamp"], data: members };
}
