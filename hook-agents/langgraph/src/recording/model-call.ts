import { isBaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";

import { addTokens, noTokens, type Tokens } from "./tokens.ts";

export interface ModelAnswer {
  readonly tokens: Tokens;
  readonly text: string | undefined;
  readonly model: string | undefined;
}

/** What a model call's result says, whichever provider's package made it. */
export function readAnswer({ generations, llmOutput }: LLMResult): ModelAnswer {
  const messages = generations
    .map(([first]) => (first !== undefined && "message" in first ? first.message : undefined))
    .filter(isBaseMessage);
  const told = messages
    .map((message) => tokensOf(membersOf(message, "usage_metadata")))
    .filter((tokens) => tokens !== undefined);
  const tokens = told.length > 0 ? told.reduce(addTokens) : tokensOfOutput(llmOutput);
  const last = messages.at(-1);
  return {
    tokens,
    // A message that only calls tools says nothing.
    text: (last?.text ?? generations.at(-1)?.[0]?.text) || undefined,
    model:
      textOf(last?.response_metadata, "model_name") ?? textOf(last?.response_metadata, "model"),
  };
}

/** LangChain's usage_metadata: its input tokens count those that the cache gave. */
function tokensOf(usage: object | undefined): Tokens | undefined {
  if (usage === undefined) return undefined;
  const details = membersOf(usage, "input_token_details");
  const cacheReadInputTokens = numberOf(details, "cache_read");
  const cacheCreationInputTokens = numberOf(details, "cache_creation");
  const cached = cacheReadInputTokens + cacheCreationInputTokens;
  return {
    inputTokens: Math.max(0, numberOf(usage, "input_tokens") - cached),
    outputTokens: numberOf(usage, "output_tokens"),
    cacheReadInputTokens,
    cacheCreationInputTokens,
  };
}

/** Older packages and plain language models tell it beside the messages. */
function tokensOfOutput(output: unknown): Tokens {
  const usage = membersOf(output, "tokenUsage") ?? membersOf(output, "usage");
  return {
    ...noTokens,
    inputTokens: numberOf(usage, "promptTokens") || numberOf(usage, "input_tokens"),
    outputTokens: numberOf(usage, "completionTokens") || numberOf(usage, "output_tokens"),
  };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

export function membersOf(value: unknown, name: string): object | undefined {
  const member = memberOf(value, name);
  return typeof member === "object" && member !== null ? member : undefined;
}

export function textOf(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === "string" && member !== "" ? member : undefined;
}

function numberOf(value: unknown, name: string): number {
  const member = memberOf(value, name);
  return typeof member === "number" && member > 0 ? member : 0;
}
