import { setTimeout as delay } from "node:timers/promises";

import type { Observation } from "../mapping/draft.ts";
import { processGone } from "../mapping/map.ts";
import { type HookPayload, textOf } from "../mapping/payload.ts";
import { type Cursors, readAgentLink, readAgentTranscripts, readTranscript } from "./transcript.ts";

type Found = Pick<Observation, "transcript" | "decisions" | "agentLink">;

/** After these the main transcript has something new, after the latter also those of subagents. */
const mainHooks: ReadonlySet<string> = new Set(["PostToolBatch"]);
const allHooks: ReadonlySet<string> = new Set([
  "Stop",
  "StopFailure",
  "SubagentStop",
  "SessionEnd",
  processGone,
]);

/** The CLI writes its transcripts behind its hooks, some 100 ms; what comes later counts with the next turn. */
const answerTimeoutMs = 1_000;
const pollMs = 20;

/** What the CLI's files tell about a hook. Moves the cursors. */
export async function look(
  payload: HookPayload,
  path: string | undefined,
  cursors: Cursors,
): Promise<Found> {
  const { hook_event_name: hook } = payload;
  const hasAll = allHooks.has(hook);
  if (path === undefined || !(hasAll || mainHooks.has(hook))) return {};

  const transcript: NonNullable<Found["transcript"]>[number][] = [];
  const decisions: NonNullable<Found["decisions"]>[number][] = [];
  const isAnswer = hook === "Stop" || hook === "SubagentStop";
  const answer = isAnswer ? textOf(payload, "last_assistant_message")?.trim() : undefined;
  for (const deadline = Date.now() + answerTimeoutMs; ; await delay(pollMs)) {
    const main = await readTranscript(path, cursors);
    const agents = hasAll ? await readAgentTranscripts(path, cursors) : undefined;
    transcript.push(...main.entries, ...(agents?.entries ?? []));
    decisions.push(...main.decisions, ...(agents?.decisions ?? []));
    const texts = hook === "SubagentStop" ? agents?.texts : main.texts;
    if (answer === undefined || texts?.some((text) => text.endsWith(answer))) break;
    if (Date.now() >= deadline) break;
  }

  const agentId = textOf(payload, "agent_id");
  const agentLink =
    hasAll && agentId !== undefined ? await readAgentLink(path, agentId) : undefined;
  return { transcript, decisions, ...(agentLink && { agentLink }) };
}
