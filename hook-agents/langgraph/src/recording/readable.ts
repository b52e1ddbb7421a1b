import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";

/**
 * A node is given the graph's whole state at each step; all of it each time would grow with the square of the
 * steps. In characters of the record; the checkpoints have the values whole.
 */
const valueChars = 65_536;
const textChars = 16_384;
/** What a graph gathers in a list is at its end. */
const lastItems = 20;
const maxDepth = 16;

/** The value as JSON that a person can read, messages in their short form, cut to about `chars`. */
export function readable(value: unknown, chars = valueChars): unknown {
  return walk(value, 0, { left: chars });
}

/** One text about the value: what its last message says, or its JSON text. */
export function brief(value: unknown, chars: number): string {
  if (typeof value === "string") return cut(value, chars);
  const message = lastMessage(value);
  const text = message?.text ?? JSON.stringify(readable(value, chars)) ?? "";
  return cut(text, chars);
}

/** Of a message, of a list of them, or of a state that keeps them in `messages`. */
export function lastMessage(value: unknown): BaseMessage | undefined {
  if (isBaseMessage(value)) return value;
  if (Array.isArray(value)) return lastMessage(value.at(-1));
  if (typeof value !== "object" || value === null || !("messages" in value)) return undefined;
  return Array.isArray(value.messages) ? lastMessage(value.messages.at(-1)) : undefined;
}

/** Never half a character. */
export function cut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, chars)) ? chars - 1 : chars;
  return `${text.slice(0, end)}… (${text.length - end} more characters)`;
}

interface Room {
  left: number;
}

function walk(value: unknown, depth: number, room: Room): unknown {
  if (typeof value === "string") {
    const text = cut(value, Math.max(0, Math.min(textChars, room.left)));
    room.left -= text.length;
    return text;
  }
  if (typeof value !== "object" || value === null) return primitive(value, room);
  if (room.left <= 0) return "[cut]";
  if (depth >= maxDepth) return "[too deep]";
  try {
    if (isBaseMessage(value)) return members(plainMessage(value), depth, room);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Error) return members(errorMembers(value), depth, room);
    if (value instanceof Map) return walk([...value], depth, room);
    if (value instanceof Set) return walk([...value], depth, room);
    if ("toJSON" in value && typeof value.toJSON === "function")
      return walk(value.toJSON(), depth + 1, room);
    return Array.isArray(value) ? items(value, depth, room) : members(value, depth, room);
  } catch {
    return "[unreadable]";
  }
}

function primitive(value: unknown, room: Room): unknown {
  room.left -= 8;
  if (typeof value === "bigint") return String(value);
  return typeof value === "function" || typeof value === "symbol" ? `[${typeof value}]` : value;
}

/** From the end, so that the latest have room. */
function items(list: readonly unknown[], depth: number, room: Room): unknown[] {
  const kept: unknown[] = [];
  for (const item of list.slice(-lastItems).toReversed()) {
    if (room.left <= 0) break;
    kept.push(inHalf(item, depth, room));
  }
  const left = list.length - kept.length;
  return left > 0 ? [`[${left} earlier]`, ...kept.toReversed()] : kept.toReversed();
}

function members(value: object, depth: number, room: Room): Record<string, unknown> {
  const names = Object.keys(value);
  const kept: [string, unknown][] = [];
  for (const name of names) {
    if (room.left <= 0) break;
    room.left -= name.length;
    kept.push([name, inHalf((value as Record<string, unknown>)[name], depth, room)]);
  }
  const left = names.length - kept.length;
  return Object.fromEntries(left > 0 ? [...kept, ["…", `${left} more members`]] : kept);
}

/** One member may take half of the room, so that a large one leaves some to those after it. */
function inHalf(value: unknown, depth: number, room: Room): unknown {
  const share: Room = { left: Math.ceil(room.left / 2) };
  const given = share.left;
  const result = walk(value, depth + 1, share);
  room.left -= given - share.left;
  return result;
}

function plainMessage(message: BaseMessage): object {
  const { content, name } = message;
  const calls = "tool_calls" in message ? message.tool_calls : undefined;
  const callId = "tool_call_id" in message ? message.tool_call_id : undefined;
  return {
    role: message.getType(),
    ...(name !== undefined && { name }),
    content,
    ...(Array.isArray(calls) && calls.length > 0 && { toolCalls: calls }),
    ...(callId !== undefined && { toolCallId: callId }),
  };
}

function errorMembers({ name, message }: Error): object {
  return { name, message };
}
