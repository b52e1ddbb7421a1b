import { useState } from "preact/hooks";

import { getEvent } from "../core/api.ts";
import { formatBytes } from "../core/format.ts";
import { membersOf, textOf } from "../core/guards.ts";
import { briefOf, plain, plainLine } from "../core/plain.ts";
import { param, setParams } from "../core/route.ts";
import { showError } from "../core/toast.ts";
import type { Event } from "../core/wire.ts";
import { summaryOf } from "../feed/row.ts";
import { ToolCard } from "../feed/tool-card.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Problem, Skeleton } from "../ui/message.tsx";
import { Clock } from "../ui/time.tsx";
import { useHistory } from "./use-history.ts";

const types = ["action", "response"];

/** What was asked, done and answered, to read from top to bottom. */
export function TranscriptTab({ sessionId, latest }: { sessionId: string; latest: number }) {
  const history = useHistory(sessionId, latest, types);
  const isRaw = param("view") === "text";
  if (history.isLoading) return <Skeleton label="Loading the transcript" />;
  return (
    <section class="pane transcript" aria-label="Transcript">
      <div class="pane-bar">
        <button
          type="button"
          aria-pressed={isRaw}
          onClick={() => setParams({ view: isRaw ? "" : "text" })}
        >
          As plain text
        </button>
        {history.hasEarlier && (
          <button type="button" onClick={history.loadEarlier}>
            Load earlier
          </button>
        )}
      </div>
      {history.error !== undefined && <Problem error={history.error} retry={history.retry} />}
      {history.events.length === 0 && history.error === undefined && (
        <p class="message">No prompt, tool call or response was recorded here yet.</p>
      )}
      <ol>
        {history.events.map((event) => (
          <Entry event={event} isRaw={isRaw} key={event.offset} />
        ))}
      </ol>
    </section>
  );
}

/** A preview until somebody asks for the whole. */
function Entry({ event, isRaw }: { event: Event; isRaw: boolean }) {
  const [whole, setWhole] = useState<Event | undefined>();
  const shown = whole ?? event;
  return (
    <li class={`entry is-${kindOf(shown)}`}>
      <EntryBody event={shown} isRaw={isRaw} />
      {shown.fullBytes !== null && (
        <button
          type="button"
          onClick={() =>
            void getEvent(event.sessionId, event.offset).then(setWhole, (error: unknown) =>
              showError("The rest could not be loaded", error),
            )
          }
        >
          Show all {formatBytes(shown.fullBytes)}
        </button>
      )}
    </li>
  );
}

function kindOf({ type, data }: Event): "response" | "prompt" | "tool" | "other" {
  if (type === "response") return "response";
  if (textOf(data, "type") === "user_prompt") return "prompt";
  return textOf(membersOf(data, "details"), "tool") === undefined ? "other" : "tool";
}

function EntryBody({ event, isRaw }: { event: Event; isRaw: boolean }) {
  const { data } = event;
  const type = textOf(data, "type") ?? event.type;
  const details = membersOf(data, "details");
  const at = Date.parse(textOf(data, "timestamp") ?? event.timestamp);
  if (event.type === "response")
    return (
      <>
        <EntryHead name={type === "response" ? "response" : "agent"} at={at} />
        <Text text={textOf(data, "content") ?? briefOf(data, 4_000)} isRaw={isRaw} />
      </>
    );
  if (type === "user_prompt")
    return (
      <>
        <EntryHead name="prompt" at={at} />
        <Text text={textOf(details, "prompt") ?? ""} isRaw={isRaw} />
      </>
    );
  const tool = textOf(details, "tool");
  if (tool === undefined)
    return (
      <>
        <EntryHead name={type} at={at} />
        <span class="quiet">{briefOf(data["details"] ?? "")}</span>
      </>
    );
  return <ToolEntry event={event} tool={tool} at={at} />;
}

const EntryHead = ({ name, at }: { name: string; at: number }) => (
  <header class="entry-head">
    <b>{plain(name.replaceAll("_", " "))}</b> <Clock at={at} />
  </header>
);

/** Closed at first: a transcript is read for what was said. */
function ToolEntry({ event, tool, at }: { event: Event; tool: string; at: number }) {
  const [isOpen, setOpen] = useState(false);
  const details = membersOf(event.data, "details");
  const outcome = textOf(details, "outcome") ?? "";
  const input = membersOf(details, "input");
  return (
    <>
      <button
        type="button"
        class="entry-tool"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <b>{plain(tool)}</b> <span>{plainLine(summaryOf(input) ?? briefOf(input), 160)}</span>{" "}
        <span class={`outcome-${outcome}`}>{plain(outcome)}</span> <Clock at={at} />
      </button>
      {isOpen && <ToolCard event={event} />}
    </>
  );
}

const Text = ({ text, isRaw }: { text: string; isRaw: boolean }) =>
  isRaw ? <p class="prose is-text">{plain(text)}</p> : <Markdown text={text} />;
