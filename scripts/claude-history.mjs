// Reads a session's recorded history and compares it with what the CLI said it did.
//   node claude-history.mjs timeline EVENTS             prints it
//   node claude-history.mjs compare EVENTS STREAM…      EVENTS: answer of /events; STREAM: --output-format stream-json
//   node claude-history.mjs prefix BEFORE AFTER         every event of BEFORE stands in AFTER at the same offset
import { readFileSync } from "node:fs";

const readEvents = (path) => JSON.parse(readFileSync(path, "utf8")).events;

/** Ids of the calls that the CLI made, and of those whose result it had. */
function readStreams(paths) {
  const called = [];
  const answered = new Set();
  for (const line of paths.flatMap((path) => readFileSync(path, "utf8").split("\n"))) {
    if (!line.startsWith("{")) continue;
    const { type, message } = JSON.parse(line);
    for (const block of Array.isArray(message?.content) ? message.content : []) {
      if (type === "assistant" && block.type === "tool_use") called.push(block.id);
      if (type === "user" && block.type === "tool_result") answered.add(block.tool_use_id);
    }
  }
  return { called, answered };
}

function describe({ type, data }) {
  const { details = {} } = data;
  switch (type) {
    case "action":
      return [
        data.type,
        details.tool,
        details.outcome,
        details.durationMs && `${details.durationMs} ms`,
      ]
        .concat(details.input?.command ?? details.prompt ?? details.error ?? "")
        .filter(Boolean)
        .join(" ");
    case "response":
      return `${data.content} (${data.usage?.inputTokens} in, ${data.usage?.outputTokens} out)`;
    case "state_updated":
      return JSON.stringify(data.patch);
    case "session_finalized":
      return `${data.status}: ${JSON.stringify(data.outcome)}`;
    default:
      return JSON.stringify(data.agent ?? data.goal ?? data.patch ?? data);
  }
}

function compare(events, { called, answered }) {
  const uses = events
    .filter(({ data }) => data.type === "tool_use")
    .map(({ data }) => data.details);
  const ids = uses.map(({ tool_use_id }) => tool_use_id);
  const outcomes = new Map(uses.map(({ tool_use_id, outcome }) => [tool_use_id, outcome]));
  const begun = events
    .filter(({ type }) => type === "state_updated")
    .flatMap(({ data }) => Object.entries(data.patch.running ?? {}));
  const beginnings = begun.filter(([, call]) => call !== null).map(([id]) => id);
  const recordIds = events.map(({ data }) => data.id).filter(Boolean);
  return {
    "offsets are gap-free": events.every(({ offset }, index) => offset === index + 1),
    "no record is there twice": new Set(recordIds).size === recordIds.length,
    "no call is there twice": new Set(ids).size === ids.length,
    "no call begins twice": new Set(beginnings).size === beginnings.length,
    [`every answered call is there (${answered.size})`]:
      answered.size > 0 && [...answered].every((id) => outcomes.get(id) === "succeeded"),
    "no call is there that was not made": ids.every((id) => called.includes(id)),
    "calls are in order": ids.join() === called.filter((id) => outcomes.has(id)).join(),
  };
}

const [command, first, ...rest] = process.argv.slice(2);
const events = readEvents(first);
let checks = {};
if (command === "timeline") {
  for (const event of events)
    process.stdout.write(
      `${String(event.offset).padStart(4)} ${event.timestamp.slice(11, 23)} ${event.type.padEnd(17)} ${describe(event).split("\n", 1)[0].slice(0, 110)}\n`,
    );
} else if (command === "compare") checks = compare(events, readStreams(rest));
else if (command === "prefix") {
  const after = readEvents(rest[0]);
  const isSame = (event) => JSON.stringify(event) === JSON.stringify(after[event.offset - 1]);
  checks = {
    [`what was acknowledged is still there (${events.length} events)`]:
      events.length > 0 && events.every(isSame),
  };
}
for (const [name, ok] of Object.entries(checks))
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name}\n`);
