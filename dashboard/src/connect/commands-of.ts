import { isMembers, membersOf } from "../core/guards.ts";
import { type Event, asEvent } from "../core/wire.ts";

interface Command {
  readonly type: string;
  readonly data: unknown;
}

/** An exported file, a JSON event a line. @throws Error that names the line which is none */
export function parseExport(text: string): Event[] {
  const lines = text.split("\n");
  const events: Event[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const event = asEvent(parseLine(line));
    if (event === undefined) throw new Error(`line ${index + 1} is not an exported event`);
    events.push(event);
  }
  if (events.length === 0) throw new Error("the file has no events");
  return events;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function without(members: unknown, ...names: readonly string[]): Record<string, unknown> {
  if (!isMembers(members)) return {};
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** What leads to the same event again; undefined for what a client may not ask for. */
export function commandOf({ type, data }: Event): Command | undefined {
  switch (type) {
    case "session_created":
      return { type, data };
    case "action":
    case "response":
      return { type, data: without(data, "seq", "offset") };
    case "state_updated":
      return { type, data: without(data, "version") };
    case "goal_added":
      return { type, data: without(data["goal"], "createdAt", "updatedAt", "completedAt") };
    case "goal_updated":
      return { type, data: { goalId: membersOf(data, "goal")["goalId"], patch: data["patch"] } };
    case "agent_spawned": {
      const agent = without(data["agent"], "status", "spawnedAt", "completedAt", "result");
      return { type, data: agent };
    }
    case "agent_completed": {
      const { agentId, status, result } = membersOf(data, "agent");
      return { type, data: { agentId, completion: { status, result } } };
    }
    case "metadata_updated":
      return { type, data: without(data["patch"], "status") };
    case "session_finalized":
      return { type, data: without(data, "finalizedAt") };
    case "transcript_entry":
      return data["entry"] === null ? undefined : { type, data: without(data, "seq") };
    default:
      return undefined;
  }
}
