import type { Checks } from "./checks.ts";
import type { Stored, StoredLine } from "./stored.ts";
import type { Told } from "./told.ts";

/** The files have to say what the API says. */
export function checkSame(checks: Checks, { view, events }: Told, stored: Stored): void {
  for (const [file, { lines, damage }] of stored.logs) {
    checks.holds(`${file}.jsonl has sealed lines of JSON`, damage.length === 0, () =>
      damage.join("; "),
    );
    checks.equals(
      `${file}.jsonl counts its lines`,
      lines.map(({ seq }) => seq),
      lines.map((_line, index) => index + 1),
    );
  }
  const written = [...stored.logs]
    .flatMap(([file, { lines }]) => lines.map((line) => eventOf(file, line)))
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
  const metadata = (stored.metadata ?? {}) as Record<string, unknown>;
  checks.equals("state.json is the state", state, view.state);
  checks.equals("state.json is as of the last event", asOfOffset, events.at(-1)?.offset);
  // Beside it stands what the service keeps for itself.
  const told = Object.keys(view.metadata);
  checks.equals(
    "metadata.json is the metadata",
    Object.fromEntries(told.map((name) => [name, metadata[name]])),
    view.metadata,
  );
  const count = (file: string) => stored.logs.get(file)?.lines.length ?? 0;
  checks.equals("metadata.json counts the lines", metadata["seqs"], {
    actions: count("actions"),
    responses: count("responses"),
    changes: count("changes"),
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

const recordFiles: Readonly<Record<string, string>> = { actions: "action", responses: "response" };

/** A line as the event that it keeps: a record's line is the record, a change's has its data apart. */
function eventOf(file: string, line: StoredLine): WrittenEvent {
  const { offset, _p: position, _t, _c, ...members } = line;
  const type = recordFiles[file];
  if (type === undefined) {
    const { type: own, timestamp, data } = members;
    return { type: String(own), offset, position, timestamp, data };
  }
  return { type, offset, position, timestamp: _t ?? members["timestamp"], data: members };
}
