import { isMembers, listOf, membersOf, numberOf, textOf } from "../core/guards.ts";
import { plain } from "../core/plain.ts";
import type { Event } from "../core/wire.ts";
import { Block } from "./block.tsx";
import { summaryOf } from "./row.ts";

/** What a tool did, as a person reads it: its command or file, a diff, the output, the error. */
export function ToolCard({ event }: { event: Event }) {
  const details = membersOf(event.data, "details");
  const tool = textOf(details, "tool") ?? textOf(details, "tool_name");
  if (event.type !== "action" || tool === undefined) return null;
  const input = membersOf(details, "input" in details ? "input" : "tool_input");
  const output = details["output"] ?? details["tool_response"];
  const error = textOf(details, "error");
  const about = textOf(input, "command") ?? textOf(input, "file_path") ?? summaryOf(input);
  const patch = listOf(output, "structuredPatch").filter(isMembers);
  const text = outputText(output);
  return (
    <section class="card" aria-label={`Call of ${plain(tool)}`}>
      {about !== undefined && <Block label="Input" text={about} />}
      {patch.length > 0 && <Patch hunks={patch} />}
      {patch.length === 0 && text !== undefined && text !== "" && (
        <Block label="Output" text={text} />
      )}
      {error !== undefined && <Block label="Error" text={error} />}
    </section>
  );
}

function outputText(output: unknown): string | undefined {
  if (typeof output === "string") return output;
  const streams = [textOf(output, "stdout"), textOf(output, "stderr")].filter(Boolean);
  if (streams.length > 0) return streams.join("\n");
  return textOf(output, "text") ?? textOf(membersOf(output, "file"), "content");
}

/** Claude's Edit answers with the hunks of a unified diff. */
function Patch({ hunks }: { hunks: readonly Readonly<Record<string, unknown>>[] }) {
  return (
    <>
      <p class="card-label">Change</p>
      <pre class="diff" role="group" tabIndex={0} aria-label="Change">
        {hunks.map((hunk, index) => (
          <span key={index}>
            <span class="diff-head">
              @@ line {numberOf(hunk, "oldStart") ?? "?"} → {numberOf(hunk, "newStart") ?? "?"}
              {"\n"}
            </span>
            {listOf(hunk, "lines")
              .filter((line) => typeof line === "string")
              .slice(0, 2_000)
              .map((line, lineIndex) => (
                <span class={lineClass(line)} key={lineIndex}>
                  {plain(line)}
                  {"\n"}
                </span>
              ))}
          </span>
        ))}
      </pre>
    </>
  );
}

const lineClass = (line: string) =>
  line.startsWith("+") ? "diff-added" : line.startsWith("-") ? "diff-removed" : "";
