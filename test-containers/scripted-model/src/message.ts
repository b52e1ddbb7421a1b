import { randomUUID } from "node:crypto";

import type { Answer, ToolCall, Usage } from "./script.ts";

type Block =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: ToolCall["input"] };

/** A Messages API answer, before it is streamed or sent whole. */
export interface ModelMessage {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: Block[];
  stop_reason: "end_turn" | "tool_use";
  stop_sequence: null;
  usage: Required<Usage>;
}

const bytesPerToken = 4;
const newId = (prefix: string) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 24)}`;

/** @param requestBytes size of the request, from which its tokens are estimated */
export function createMessage(
  step: ToolCall | readonly ToolCall[] | Answer,
  model: string,
  requestBytes: number,
): ModelMessage {
  const parts: readonly (ToolCall | Answer)[] = Array.isArray(step) ? step : [step];
  const content = parts.flatMap(blocksOf);
  return {
    id: newId("msg"),
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: content.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: Math.ceil(requestBytes / bytesPerToken),
      output_tokens: Math.ceil(JSON.stringify(content).length / bytesPerToken),
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      ...parts.find((part) => part.usage)?.usage,
    },
  };
}

function blocksOf(part: ToolCall | Answer): Block[] {
  const text: Block[] = part.text === undefined ? [] : [{ type: "text", text: part.text }];
  if (!("tool" in part)) return text;
  return [...text, { type: "tool_use", id: newId("toolu"), name: part.tool, input: part.input }];
}
