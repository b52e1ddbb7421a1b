import type { SessionId, SessionInput } from "@sessions/contract";

import { stopAgents } from "./agents.ts";
import type { Draft } from "./draft.ts";
import { textOf } from "./payload.ts";
import { interruptTools } from "./tools.ts";

/** What the relay knows and the payloads don't. */
export interface Surroundings {
  readonly host: string;
  readonly userId?: string;
  /** Of the session that this one runs inside of. */
  readonly parentSession?: SessionId;
}

const nameLength = 512;
export const processGoneReason = "process_gone";

/** With SessionStart, or with whatever hook is the first that the relay sees. */
export function createSession(draft: Draft, surroundings: Surroundings): void {
  const { payload, state } = draft;
  if (state.isCreated) return;
  state.isCreated = true;
  state.createdAt = draft.at;
  const { host, userId, parentSession } = surroundings;
  const model = textOf(payload, "model");
  const name = textOf(payload, "session_title")?.slice(0, nameLength);
  const workingDirectory = textOf(payload, "cwd");
  const transcriptPath = textOf(payload, "transcript_path");
  state.isNamed = name !== undefined;
  if (model !== undefined) state.model = model;
  const data: SessionInput = {
    labels: { source: "claude-code", host, claudeSession: payload.session_id },
    initial: {
      hook: payload.hook_event_name,
      source: textOf(payload, "source"),
      permissionMode: textOf(payload, "permission_mode"),
      agentType: textOf(payload, "agent_type"),
      transcriptPath,
    },
    ...(userId !== undefined && { userId }),
    ...(parentSession !== undefined && { parentSession }),
    ...(model !== undefined && { model }),
    ...(name !== undefined && { name }),
    ...(workingDirectory !== undefined && { workingDirectory }),
  };
  draft.push({ type: "session_created", data });
}

/** Whoever looks for the session finds it where it is now. */
export function tellHandOver(
  draft: Draft,
  restored: Record<string, unknown>,
  { host }: Surroundings,
): void {
  draft.action("session_restored", restored);
  draft.push({ type: "metadata_updated", data: { labels: { host } } });
}

/** Also a resumed one: what ran when the process went is over by now. */
export function startSession(draft: Draft): void {
  const { payload, state } = draft;
  const source = textOf(payload, "source") ?? "startup";
  if (source !== "compact") {
    interruptTools(draft);
    stopAgents(draft);
    delete state.endReason;
    delete state.waiting;
    state.turn = "none";
    draft.phase("starting");
    draft.patch({ waiting: null, currentStep: null, endReason: null });
  }
  const { session_id, hook_event_name: _, transcript_path, cwd, ...more } = payload;
  draft.action("session_start", { ...more, source, workingDirectory: cwd });
  draft.patch({
    workspace: { workingDirectory: cwd ?? null },
    claude: { sessionId: session_id, transcriptPath: transcript_path ?? null },
  });
  learnModel(draft, textOf(payload, "model"));
}

export function learnModel({ state, push }: Draft, model: string | undefined): void {
  if (model === undefined || model === state.model) return;
  state.model = model;
  push({ type: "metadata_updated", data: { model } });
}

/**
 * `-p` and SIGTERM both give the reason "other": it is the turn that tells whether the work was done.
 * A turn that is open when the session ends was stopped.
 */
export function endSession(
  draft: Draft,
  reason = textOf(draft.payload, "reason") ?? "other",
): void {
  const { state } = draft;
  interruptTools(draft);
  stopAgents(draft);
  delete state.waiting;
  state.endReason = reason;
  draft.phase("ended");
  draft.patch({ waiting: null, currentStep: null, running: null, endReason: reason });
  finalize(draft);
}

export function finalize({ state, push }: Draft): void {
  const wasCut = state.turn === "open" || state.endReason === processGoneReason;
  const status = state.turn === "failed" ? "error" : wasCut ? "stopped" : "completed";
  push({
    type: "session_finalized",
    data: {
      status,
      outcome: {
        reason: state.endReason ?? null,
        ...(status === "error" && state.failure !== undefined && { error: state.failure }),
        usage: state.usage.total,
      },
      response: state.lastMessage ?? null,
    },
  });
}
