import { isMembers, membersOf, textOf } from "../core/guards.ts";
import { briefOf } from "../core/plain.ts";
import type { Event } from "../core/wire.ts";
import { Block } from "./block.tsx";

/** Parts that are drawn; the tree below has all of them. */
const shownParts = 50;

/** A line of a transcript as a person reads it: who says what, which tool is called, what it answers. */
export function EntryCard({ event }: { event: Event }) {
  const content = membersOf(membersOf(event.data, "entry"), "message")["content"];
  if (event.type !== "transcript_entry" || content === undefined) return null;
  const parts = Array.isArray(content) ? (content as unknown[]) : [content];
  return (
    <section class="card" aria-label="Message">
      {parts.slice(0, shownParts).map((part, index) => {
        const [label, text] = readPart(part);
        return <Block label={label} text={text} key={index} />;
      })}
    </section>
  );
}

function readPart(part: unknown): readonly [label: string, text: string] {
  if (typeof part === "string") return ["Text", part];
  const type = textOf(part, "type");
  const members = isMembers(part) ? part : {};
  switch (type) {
    case "text":
      return ["Text", textOf(part, "text") ?? ""];
    case "thinking":
      return ["Thinking", textOf(part, "thinking") ?? ""];
    case "tool_use":
      return [`Call of ${textOf(part, "name") ?? "a tool"}`, briefOf(members["input"], 2_000)];
    case "tool_result":
      return ["Result", resultText(members["content"])];
    default:
      return [type ?? "Part", briefOf(members, 400)];
  }
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? (content as unknown[]) : [];
  const texts = parts.map((part) => textOf(part, "text")).filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join("\n") : briefOf(content, 400);
}
