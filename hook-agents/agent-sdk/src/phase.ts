import type { SessionStoreEntry } from "./api.ts";

export type Phase = "running" | "idle";

/** What the entries of a main transcript say about its turn: a person watching sees who works and who rests. */
export function phaseAfter(entries: readonly SessionStoreEntry[]): Phase | undefined {
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const phase = phaseOf(entries[index]);
    if (phase !== undefined) return phase;
  }
  return undefined;
}

function phaseOf(entry: SessionStoreEntry | undefined): Phase | undefined {
  switch (entry?.type) {
    // What the CLI leaves when it ends.
    case "cost-state":
      return "idle";
    case "assistant":
      return isAnswer(entry) ? "idle" : "running";
    case "user":
      if (entry["isMeta"] === true || entry["isCompactSummary"] === true) return undefined;
      return isInterruption(entry) ? "idle" : "running";
    default:
      return undefined;
  }
}

/** The CLI writes a line for each block of a message, so one that only thinks has more to come. */
function isAnswer(entry: SessionStoreEntry): boolean {
  if (stopReasonOf(entry) === "pause_turn") return false;
  return !["tool_use", "thinking", "redacted_thinking"].includes(lastBlockOf(entry)?.type ?? "");
}

function isInterruption(entry: SessionStoreEntry): boolean {
  return lastBlockOf(entry)?.text?.startsWith("[Request interrupted by user") ?? false;
}

interface Block {
  readonly type?: string;
  readonly text?: string;
}

function messageOf(entry: SessionStoreEntry) {
  const message = entry["message"];
  return typeof message === "object" && message !== null
    ? (message as { content?: unknown; stop_reason?: unknown })
    : {};
}

function stopReasonOf(entry: SessionStoreEntry): unknown {
  return messageOf(entry).stop_reason;
}

function lastBlockOf(entry: SessionStoreEntry): Block | undefined {
  const { content } = messageOf(entry);
  if (typeof content === "string") return { type: "text", text: content };
  const last: unknown = Array.isArray(content) ? content.at(-1) : undefined;
  if (typeof last !== "object" || last === null) return undefined;
  const { type, text } = last as Record<string, unknown>;
  return {
    ...(typeof type === "string" && { type }),
    ...(typeof text === "string" && { text }),
  };
}
