import type { ModelMessage } from "./message.ts";

interface StreamEvent {
  type: string;
  [member: string]: unknown;
}

const piece = 64;

/** The message as the server-sent events of the Messages API, text and tool input in pieces. */
export function* streamEvents(message: ModelMessage): Generator<StreamEvent> {
  yield {
    type: "message_start",
    message: {
      ...message,
      content: [],
      stop_reason: null,
      usage: { ...message.usage, output_tokens: 1 },
    },
  };
  yield { type: "ping" };
  for (const [index, block] of message.content.entries()) {
    const isText = block.type === "text";
    const empty = isText ? { type: "text", text: "" } : { ...block, input: {} };
    yield { type: "content_block_start", index, content_block: empty };
    for (const part of pieces(isText ? block.text : JSON.stringify(block.input))) {
      const delta = isText
        ? { type: "text_delta", text: part }
        : { type: "input_json_delta", partial_json: part };
      yield { type: "content_block_delta", index, delta };
    }
    yield { type: "content_block_stop", index };
  }
  const { stop_reason, stop_sequence, usage } = message;
  yield { type: "message_delta", delta: { stop_reason, stop_sequence }, usage };
  yield { type: "message_stop" };
}

export const toServerSentEvent = (event: StreamEvent) =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += piece) yield text.slice(start, start + piece);
}
