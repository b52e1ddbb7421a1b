import { isObject, numberOf, textOf } from "../mapping/payload.ts";
import type { TranscriptEntry } from "../mapping/usage.ts";

/** What a line tells of tokens, and what the agent said in it. */
export interface Spoken {
  readonly usage: TranscriptEntry;
  readonly text: string;
}

/** @returns undefined for a line that is no answer of a model, or one that was paid for elsewhere */
export function spokenIn(
  entry: Record<string, unknown>,
  agentId: string | undefined,
): Spoken | undefined {
  if (entry["type"] !== "assistant") return undefined;
  const { message } = entry;
  const messageId = textOf(message, "id");
  const model = textOf(message, "model");
  const usage = isObject(message) ? message["usage"] : undefined;
  // A message that the CLI made up, for an API error, was not paid for.
  if (!messageId || !isObject(usage) || model === undefined || model === "<synthetic>")
    return undefined;
  // A fork begins with a copy of another session's messages. 2.1.197 doesn't mark them, and counts them again.
  const requestSession = textOf(entry, "requestSessionId");
  if (requestSession !== undefined && requestSession !== textOf(entry, "sessionId"))
    return undefined;
  return {
    usage: {
      messageId,
      model,
      ...(agentId !== undefined && { agentId }),
      tokens: {
        inputTokens: numberOf(usage, "input_tokens") ?? 0,
        outputTokens: numberOf(usage, "output_tokens") ?? 0,
        cacheReadInputTokens: numberOf(usage, "cache_read_input_tokens") ?? 0,
        cacheCreationInputTokens: numberOf(usage, "cache_creation_input_tokens") ?? 0,
      },
    },
    text: textOfBlocks(isObject(message) ? message["content"] : undefined),
  };
}

function textOfBlocks(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content
    .map((block) => textOf(block, "text") ?? "")
    .join("")
    .trim();
}
