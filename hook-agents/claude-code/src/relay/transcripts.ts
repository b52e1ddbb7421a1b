import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { Logged } from "@sessions/hook-agent";

import type { Observation } from "../mapping/draft.ts";
import { processGone } from "../mapping/map.ts";
import { type HookPayload, textOf } from "../mapping/payload.ts";
import { readAgentLink } from "../transcripts/agent-link.ts";
import { createFollower } from "../transcripts/follower.ts";
import { mainPlaceOf, placeBelow } from "../transcripts/place.ts";
import type { Agents } from "./agents.ts";
import { type Lease, watchRefusal } from "./lease.ts";
import type { Log } from "./log.ts";
import type { SessionNotes } from "./session-file.ts";

export interface TranscriptsOptions {
  readonly notes: SessionNotes;
  readonly agents: Agents;
  readonly lease: Lease;
  readonly log: Log;
}

/** What the CLI writes about one session, shipped as it comes. Calls must not overlap. */
export interface Transcripts {
  /** Reads what is new; its tokens wait for the next hook. @returns whether there was anything */
  follow(): Promise<boolean>;
  /** What the CLI's files tell about a hook. */
  look(payload: HookPayload): Promise<Pick<Observation, "transcript" | "decisions" | "agentLink">>;
  /** Bytes that wait to be shipped. */
  behind(): number;
  /** Ships everything again. */
  restart(): void;
}

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
/** Texts that are remembered, because an answer may be read before its hook comes. */
const rememberedTexts = 32;

export function createTranscripts({ notes, agents, lease, log }: TranscriptsOptions): Transcripts {
  const texts = { main: [] as string[], agents: [] as string[] };
  const unnamed = new Set<string>();
  let shipped: Logged | undefined;

  const follower = createFollower({
    cursors: notes.cursors,
    // The lines are on disk already: a spool that fills up need not hold them too.
    canShip: () => lease.isOurs() && agents.hasRoom(notes.sessionId),
    placeOf(name) {
      const place = notes.place && placeBelow(notes.place, name);
      if (!place && !unnamed.has(name))
        log.warn({ name, sessionId: notes.sessionId }, "a transcript's name can't be kept");
      if (!place) unnamed.add(name);
      return place;
    },
    ship(place, entry, id) {
      const agent = agents.of(notes.sessionId, notes.session);
      shipped = agent.logEntry(place, entry, id === undefined ? {} : { id });
    },
  });

  async function read(scope: "main" | "all"): Promise<boolean> {
    const path = notes.transcriptPath;
    if (!path) return false;
    notes.place ??= mainPlaceOf(basename(dirname(path)), notes.sessionId, notes.claudeSession);
    const reading = await follower.read(path, scope);
    if (shipped) watchRefusal(shipped, lease);
    shipped = undefined;
    texts.main = [...texts.main, ...reading.texts].slice(-rememberedTexts);
    texts.agents = [...texts.agents, ...reading.agentTexts].slice(-rememberedTexts);
    for (const entry of reading.entries) {
      const known = notes.untold.findIndex(({ messageId }) => messageId === entry.messageId);
      notes.untold.splice(known < 0 ? notes.untold.length : known, 1, entry);
    }
    notes.decisions.push(...reading.decisions);
    return reading.hasNews;
  }

  function hasAnswer(of: "main" | "agents", answer: string): boolean {
    const at = texts[of].findIndex((text) => text.endsWith(answer));
    if (at >= 0) texts[of].splice(of === "main" ? 0 : at, of === "main" ? at + 1 : 1);
    return at >= 0;
  }

  return {
    follow: () => read("all"),
    async look(payload) {
      const { hook_event_name: hook } = payload;
      const hasAll = allHooks.has(hook);
      if (!notes.transcriptPath || !(hasAll || mainHooks.has(hook))) return {};

      const isAnswer = hook === "Stop" || hook === "SubagentStop";
      const answer = isAnswer ? textOf(payload, "last_assistant_message")?.trim() : undefined;
      const speaker = hook === "SubagentStop" ? "agents" : "main";
      for (const deadline = Date.now() + answerTimeoutMs; ; await delay(pollMs)) {
        await read(hasAll ? "all" : "main");
        if (answer === undefined || hasAnswer(speaker, answer) || Date.now() >= deadline) break;
      }

      const transcript = notes.untold.splice(0);
      const decisions = notes.decisions.splice(0);
      const agentId = textOf(payload, "agent_id");
      const agentLink =
        hasAll && agentId !== undefined
          ? await readAgentLink(notes.transcriptPath, agentId)
          : undefined;
      return { transcript, decisions, ...(agentLink && { agentLink }) };
    },
    behind: follower.behind,
    restart: follower.restart,
  };
}
