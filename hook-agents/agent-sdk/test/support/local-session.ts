import { randomUUID } from "node:crypto";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SessionStoreEntry } from "../../src/api.ts";

/** Prompts and answers as the CLI writes them, in one chain, with what it puts between them. */
export function conversation(
  sessionId: string,
  turns: number,
  more: Partial<SessionStoreEntry> = {},
): SessionStoreEntry[] {
  let parentUuid: string | null = null;
  const link = (entry: SessionStoreEntry): SessionStoreEntry => {
    const uuid = randomUUID();
    const timestamp = new Date().toISOString();
    const linked = {
      parentUuid,
      uuid,
      timestamp,
      sessionId,
      isSidechain: false,
      ...more,
      ...entry,
    };
    parentUuid = uuid;
    return linked;
  };
  return Array.from({ length: turns }, (_, turn) => [
    { type: "queue-operation", operation: "enqueue", sessionId },
    link({ type: "user", message: { role: "user", content: `question ${turn}` } }),
    { type: "last-prompt", lastPrompt: `question ${turn}`, sessionId },
    link({
      type: "assistant",
      message: {
        id: `msg_${turn}`,
        type: "message",
        role: "assistant",
        model: "m",
        content: [{ type: "text", text: `answer ${turn}` }],
        stop_reason: "end_turn",
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    }),
    { type: "mode", mode: "normal", sessionId },
  ]).flat();
}

export interface LocalSession {
  readonly sessionId: string;
  readonly agentId: string;
  readonly main: SessionStoreEntry[];
  readonly subagent: SessionStoreEntry[];
  /** What the SDK makes of the file beside the subagent's. */
  readonly metadata: SessionStoreEntry;
  /** Turns are added to the main transcript's file. */
  grow(entries: SessionStoreEntry[]): void;
}

/** A session in the folder that the CLI keeps for the working directory `cwd`. */
export function writeLocalSession(configDirectory: string, cwd: string): LocalSession {
  const [sessionId, agentId] = [randomUUID(), "a1b2c3d4e5f60718"];
  const project = realpathSync(cwd).replace(/[^A-Za-z0-9]/g, "-");
  const folder = join(configDirectory, "projects", project);
  const subagents = join(folder, sessionId, "subagents");
  mkdirSync(subagents, { recursive: true });
  const main = conversation(sessionId, 4);
  const subagent = conversation(sessionId, 2, { agentId, isSidechain: true });
  const metadata = { agentType: "general-purpose", description: "look", toolUseId: "toolu_1" };
  const write = (path: string, entries: readonly object[]) =>
    writeFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  write(join(folder, `${sessionId}.jsonl`), main);
  write(join(subagents, `agent-${agentId}.jsonl`), subagent);
  writeFileSync(join(subagents, `agent-${agentId}.meta.json`), JSON.stringify(metadata));
  return {
    sessionId,
    agentId,
    main,
    subagent,
    metadata: { type: "agent_metadata", ...metadata },
    grow(entries) {
      main.push(...entries);
      write(join(folder, `${sessionId}.jsonl`), main);
    },
  };
}
