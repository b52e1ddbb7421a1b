import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { FoldSessionSummary, SessionStore, SessionSummaryEntry } from "../../src/main.ts";

const installScript = fileURLToPath(
  new URL("../../../../scripts/install-agent-sdk.sh", import.meta.url),
);

interface Target {
  sessionStore: SessionStore;
  dir: string;
}
interface Message {
  type: string;
  uuid: string;
  message: unknown;
}

/** What the tests use of the SDK. It is not installed in this repository, so its types are not either. */
export interface AgentSdk {
  /** Of its module. */
  readonly file: string;
  /** Has it in its node_modules. */
  readonly folder: string;
  readonly foldSessionSummary: FoldSessionSummary;
  listSessions(target: Target & { limit?: number }): Promise<SessionInfo[]>;
  getSessionInfo(sessionId: string, target: Target): Promise<SessionInfo | undefined>;
  getSessionMessages(sessionId: string, target: Target): Promise<Message[]>;
  listSubagents(sessionId: string, target: Target): Promise<string[]>;
  getSubagentMessages(sessionId: string, agentId: string, target: Target): Promise<Message[]>;
  renameSession(sessionId: string, title: string, target: Target): Promise<void>;
  tagSession(sessionId: string, tag: string | null, target: Target): Promise<void>;
  forkSession(sessionId: string, target: Target): Promise<{ sessionId: string }>;
  deleteSession(sessionId: string, target: Target): Promise<void>;
  importSessionToStore(
    sessionId: string,
    store: SessionStore,
    options: { dir: string; batchSize?: number },
  ): Promise<void>;
}
export interface SessionInfo {
  sessionId: string;
  summary: string;
  lastModified: number;
  customTitle?: string;
  firstPrompt?: string;
  tag?: string;
}

/** @returns the SDK, or undefined after saying why it can't be had */
export async function loadAgentSdk(): Promise<AgentSdk | undefined> {
  try {
    const { stdout } = await promisify(execFile)("sh", [installScript], { timeout: 180_000 });
    const folder = stdout.trim();
    const file = `${folder}/node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs`;
    const sdk = (await import(file)) as Omit<AgentSdk, "file" | "folder">;
    return { ...sdk, file, folder };
  } catch (error) {
    const reason = String(error).split("\n", 1)[0];
    process.stdout.write(`skipped: the Claude Agent SDK can't be installed: ${reason}\n`);
    return undefined;
  }
}

/** All that the SDK's own function says about these entries. */
export function refold(
  sdk: AgentSdk,
  key: Parameters<FoldSessionSummary>[1],
  entries: Parameters<FoldSessionSummary>[2],
): SessionSummaryEntry["data"] {
  return sdk.foldSessionSummary(undefined, key, entries, { mtime: 1 }).data;
}
