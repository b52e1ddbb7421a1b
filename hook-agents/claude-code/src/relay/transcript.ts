import { open, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { Decision } from "../mapping/decisions.ts";
import type { AgentLink } from "../mapping/draft.ts";
import { isObject, numberOf, textOf } from "../mapping/payload.ts";
import type { TranscriptEntry } from "../mapping/usage.ts";
import { decisionIn } from "./hook-decision.ts";

/** Bytes of each transcript that were read, by path. */
export type Cursors = Record<string, number>;

export interface Reading {
  entries: TranscriptEntry[];
  /** What the main agent said in them. */
  texts: string[];
  /** What hooks of the user's own decided. */
  decisions: Decision[];
}

const nothing = (): Reading => ({ entries: [], texts: [], decisions: [] });

/** Bytes read at once; a transcript line with an image may be larger, then more is read. */
const chunkBytes = 4_194_304;
const lineFeed = 10;

/** The rest of a session's main transcript. Moves its cursor. */
export async function readTranscript(path: string, cursors: Cursors): Promise<Reading> {
  const reading = nothing();
  for await (const line of newLines(path, cursors)) addLine(reading, line, undefined);
  return reading;
}

/** The rest of all its subagents' transcripts. */
export async function readAgentTranscripts(path: string, cursors: Cursors): Promise<Reading> {
  const reading = nothing();
  const folder = agentsFolder(path);
  for (const name of await list(folder)) {
    const agentId = /^agent-(.+)\.jsonl$/.exec(name)?.[1];
    if (agentId === undefined) continue;
    for await (const line of newLines(join(folder, name), cursors)) addLine(reading, line, agentId);
  }
  return reading;
}

/** What the CLI notes next to a subagent's transcript, shortly after it has begun. */
export async function readAgentLink(path: string, agentId: string): Promise<AgentLink | undefined> {
  if (!/^[A-Za-z0-9_-]+$/.test(agentId)) return undefined;
  try {
    const text = await readFile(join(agentsFolder(path), `agent-${agentId}.meta.json`), "utf8");
    const meta: unknown = JSON.parse(text);
    const toolUseId = textOf(meta, "toolUseId");
    // Versions before 2.1.3 tell no parent of a nested subagent; then the hooks' own link holds.
    if (toolUseId === undefined || (numberOf(meta, "spawnDepth") ?? 1) > 1 !== hasParent(meta))
      return undefined;
    return { toolUseId, parentAgentId: textOf(meta, "parentAgentId") ?? null };
  } catch {
    // Not there yet, or not by this version of the CLI.
    return undefined;
  }
}
const hasParent = (meta: unknown) => textOf(meta, "parentAgentId") !== undefined;

const agentsFolder = (path: string) => join(dirname(path), basename(path, ".jsonl"), "subagents");

async function* newLines(path: string, cursors: Cursors): AsyncGenerator<string> {
  const file = await open(path).catch(() => undefined);
  // The CLI writes its transcript behind the first hooks.
  if (!file) return;
  try {
    const { size } = await file.stat();
    let start = Math.min(cursors[path] ?? 0, size);
    for (let length = chunkBytes; start < size;) {
      const buffer = Buffer.alloc(Math.min(length, size - start));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed) + 1;
      if (end === 0 && start + bytesRead >= size) return;
      if (end === 0) length *= 2;
      else yield* buffer.toString("utf8", 0, end - 1).split("\n");
      start += end;
      cursors[path] = start;
    }
  } finally {
    await file.close();
  }
}

function addLine(reading: Reading, line: string, agentId: string | undefined): void {
  if (line.includes('"permissionDecision')) {
    const decision = decisionIn(parse(line), agentId);
    if (decision) reading.decisions.push(decision);
  }
  if (!line.includes('"type":"assistant"') || !line.includes('"usage"')) return;
  const entry = parse(line);
  const message = isObject(entry) ? entry["message"] : undefined;
  const messageId = textOf(message, "id");
  const model = textOf(message, "model");
  const usage = isObject(message) ? message["usage"] : undefined;
  // A message that the CLI made up, for an API error, was not paid for.
  if (!isObject(entry) || entry["type"] !== "assistant" || !messageId || !isObject(usage)) return;
  if (model === undefined || model === "<synthetic>") return;
  // A fork begins with a copy of another session's messages. 2.1.197 doesn't mark them, and counts them again.
  const requestSession = textOf(entry, "requestSessionId");
  if (requestSession !== undefined && requestSession !== textOf(entry, "sessionId")) return;
  reading.entries.push({
    messageId,
    model,
    ...(agentId !== undefined && { agentId }),
    tokens: {
      inputTokens: numberOf(usage, "input_tokens") ?? 0,
      outputTokens: numberOf(usage, "output_tokens") ?? 0,
      cacheReadInputTokens: numberOf(usage, "cache_read_input_tokens") ?? 0,
      cacheCreationInputTokens: numberOf(usage, "cache_creation_input_tokens") ?? 0,
    },
  });
  const content = isObject(message) ? message["content"] : undefined;
  if (Array.isArray(content))
    reading.texts.push(
      content
        .map((block) => textOf(block, "text") ?? "")
        .join("")
        .trim(),
    );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not ours, and only its numbers are wanted: a line that can't be read counts nothing.
    return undefined;
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
