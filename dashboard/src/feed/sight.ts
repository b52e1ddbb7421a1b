import { type Members, isMembers, membersOf, numberOf, textOf } from "../core/guards.ts";
import { briefOf, plainLine } from "../core/plain.ts";
import { wordsOf } from "../core/reasons.ts";
import type { Event } from "../core/wire.ts";
import { type Outcome, type Row, rowOf, summaryOf } from "./row.ts";

/** What an event is about, before it is paired. */
export interface Sight {
  readonly row: Row;
  /** The tool call that it begins or ends. */
  readonly call?: { readonly id: string; readonly isEnd: boolean };
}

const starts = new Set(["PreToolUse", "tool_start", "tool_call", "tool_use_start"]);
const ends = new Set(["tool_use", "PostToolUse", "PostToolUseFailure", "tool_end", "tool_result"]);
/** Types of which the row's kind says as much. */
const plainResponses = new Set(["", "response", "assistant_message"]);
const outcomes = new Set<string>(["succeeded", "failed", "denied", "interrupted"]);

/** @returns undefined for an event that says nothing by itself, such as a heartbeat */
export function sightOf(event: Event): Sight | undefined {
  const { data } = event;
  switch (event.type) {
    case "action":
      return sightOfAction(event);
    case "response": {
      const text = textOf(data, "content") ?? briefOf(data["content"] ?? detailsOf(data));
      const type = textOf(data, "type") ?? "";
      return { row: rowOf(event, "response", plainResponses.has(type) ? "" : type, text) };
    }
    case "state_updated":
      return sightOfState(event);
    case "goal_added":
    case "goal_updated": {
      const goal = membersOf(data, "goal");
      const status = textOf(goal, "status") ?? "";
      const text = textOf(goal, "description") ?? textOf(goal, "goalId") ?? "";
      return { row: rowOf(event, "goal", status.replace("_", " "), text) };
    }
    case "agent_spawned":
    case "agent_completed": {
      const agent = membersOf(data, "agent");
      const ended = textOf(agent, "status") ?? "completed";
      const title = event.type === "agent_spawned" ? "spawned" : ended;
      const { task, result } = agent;
      const about = event.type === "agent_spawned" ? task : (result ?? task);
      const summary = isMembers(about) ? summaryOf(about) : undefined;
      const text = `${textOf(agent, "type") ?? "agent"} ${summary ?? briefOf(about, 160)}`;
      const row = rowOf(event, "agent", title, text, textOf(agent, "agentId"));
      if (title === "failed") row.outcome = "failed";
      return { row };
    }
    case "session_finalized": {
      const status = textOf(data, "status") ?? "";
      const row = rowOf(event, "session", status, briefOf(data["response"] ?? data["outcome"]));
      if (status === "error") row.outcome = "failed";
      return { row };
    }
    case "session_restored":
      return { row: rowOf(event, "session", "brought back", "") };
    case "transcript_entry":
      return { row: rowOf(event, "transcript", ...entryTexts(data)) };
    case "transcript_summarized":
      return { row: rowOf(event, "transcript", "summary", textOf(data, "projectKey") ?? "") };
    case "lease_acquired":
    case "lease_released":
      return { row: rowOf(event, "session", ...leaseTexts(event)) };
    default:
      return { row: rowOf(event, "session", event.type.replaceAll("_", " "), briefOf(data)) };
  }
}

/** Lines of Claude's transcripts have a message of parts; of other programs' lines nothing is known. */
function entryTexts(data: Members): [title: string, detail: string] {
  const entry = membersOf(data, "entry");
  const content = membersOf(entry, "message")["content"];
  const [part] = Array.isArray(content) ? (content as unknown[]) : [content];
  const said = typeof part === "string" ? part : (textOf(part, "text") ?? textOf(part, "name"));
  const title = textOf(entry, "type") ?? "entry";
  const place = textOf(data, "subpath");
  const detail = said ?? textOf(entry, "summary") ?? briefOf(entry, 160);
  return [title, place === undefined ? detail : `${place}: ${detail}`];
}

function leaseTexts({ type, data }: Event): [title: string, detail: string] {
  const who = `${textOf(data, "owner") ?? "?"}, epoch ${numberOf(data, "epoch") ?? "?"}`;
  if (type === "lease_released") return ["let go", `by ${who}`];
  const from = textOf(data, "takenFrom");
  if (from === undefined) return ["written", `by ${who}`];
  return ["taken over", `by ${who}, from ${from} (${textOf(data, "reason") ?? "?"})`];
}

/** A record's members beside those that every record has. */
function detailsOf(data: Members): unknown {
  if (isMembers(data["details"])) return data["details"];
  const { id: _id, seq: _seq, type: _type, timestamp: _timestamp, ...more } = data;
  return more;
}

function sightOfAction(event: Event): Sight {
  const type = textOf(event.data, "type") ?? "action";
  const details = detailsOf(event.data);
  const agentId = textOf(details, "agentId");
  const callId = textOf(details, "tool_use_id") ?? textOf(details, "toolUseId");
  const tool = textOf(details, "tool") ?? textOf(details, "tool_name");
  if (type === "user_prompt")
    return { row: rowOf(event, "prompt", "", textOf(details, "prompt") ?? "") };
  if (type === "permission_request") {
    const about = summaryOf(membersOf(details, "input")) ?? "";
    return { row: rowOf(event, "waiting", `${tool ?? "permission"}?`, about, agentId) };
  }
  const isEnd = ends.has(type);
  const isCall = isEnd || starts.has(type);
  if (tool === undefined || !isCall) return { row: rowOfStep(event, type, details, agentId) };
  const input = membersOf(
    details,
    isMembers(details) && "input" in details ? "input" : "tool_input",
  );
  const error = textOf(details, "error");
  const row = rowOf(event, "tool", tool, summaryOf(input) ?? briefOf(input), agentId);
  if (error !== undefined) row.detail = plainLine(`${row.detail} — ${error}`);
  row.isBegun = !isEnd;
  row.outcome = isEnd ? outcomeOf(type, details) : "running";
  row.durationMs = durationOf(details);
  return callId === undefined ? { row } : { row, call: { id: callId, isEnd } };
}

/** What a framework or a program of one's own tells of itself; what took a while is a bar of the timeline. */
function rowOfStep(event: Event, type: string, details: unknown, agentId: string | undefined): Row {
  const subject = subjectMembers.map((name) => textOf(details, name)).find(Boolean);
  const title = subject === undefined ? type : `${type} ${subject}`;
  const detail = textOf(details, "error") ?? briefOf(newsIn(details));
  const row = rowOf(event, "action", title, detail, agentId);
  const said = saidOutcome(details);
  row.outcome = said ?? (/(fail|error)/i.test(type) ? "failed" : null);
  row.durationMs = durationOf(details);
  return row;
}

const subjectMembers = ["model", "node", "graph", "tool"];
/** Beside the title, the outcome and the time, these would only fill the row. */
const shownElsewhere = new Set([
  ...subjectMembers,
  "outcome",
  "durationMs",
  "startedAt",
  "step",
  "runId",
  "parentRunId",
  "agentId",
  "tool_use_id",
]);

/** What a step gave, or else what is said of it. */
function newsIn(details: unknown): unknown {
  if (!isMembers(details)) return details;
  if ("output" in details) return details["output"];
  return Object.fromEntries(Object.entries(details).filter(([name]) => !shownElsewhere.has(name)));
}

function outcomeOf(type: string, details: unknown): Outcome {
  const said = saidOutcome(details);
  if (said !== undefined) return said;
  const hasFailed = type === "PostToolUseFailure" || textOf(details, "error") !== undefined;
  return hasFailed ? "failed" : "succeeded";
}

function saidOutcome(details: unknown): Outcome | undefined {
  const said = textOf(details, "outcome");
  return said !== undefined && outcomes.has(said) ? (said as Outcome) : undefined;
}

function durationOf(details: unknown): number | null {
  return numberOf(details, "durationMs") ?? numberOf(details, "duration_ms") ?? null;
}

/** The relay tells the beginning of a call as a member of `running`, and its end by removing it. */
function sightOfState(event: Event): Sight | undefined {
  const patch = membersOf(event.data, "patch");
  const running = Object.entries(membersOf(patch, "running")).find(([, call]) => isMembers(call));
  if (running !== undefined) {
    const [id, call] = running;
    const detail = textOf(call, "summary") ?? "";
    const tool = textOf(call, "tool") ?? "tool";
    const row = rowOf(event, "tool", tool, detail, textOf(call, "agentId"));
    row.outcome = "running";
    row.isBegun = true;
    return { row, call: { id, isEnd: false } };
  }
  const names = Object.keys(patch).filter((name) => !background.has(name));
  if (names.length === 0) return undefined;
  const phase = patch["phase"];
  // The phase is the row's title, and what went is no news beside it.
  const news = names.filter((name) => name !== "phase" && patch[name] !== null);
  const told = news.length > 0 || typeof phase === "string" ? news : names;
  const shown = Object.fromEntries(told.map((name) => [name, patch[name]]));
  if (phase === "waiting") {
    const waiting = membersOf(patch, "waiting");
    const text = [textOf(waiting, "tool"), textOf(waiting, "summary")].filter(Boolean).join(" ");
    return { row: rowOf(event, "waiting", wordsOf(textOf(waiting, "reason") ?? "waiting"), text) };
  }
  const title = typeof phase === "string" ? phase : "state";
  return { row: rowOf(event, "state", title, briefOf(shown)) };
}

/** Members that change beside everything else and say nothing to a reader. */
const background = new Set(["heartbeatAt", "usage", "running", "currentStep"]);
