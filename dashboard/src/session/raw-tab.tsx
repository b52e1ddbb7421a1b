import { plain } from "../core/plain.ts";
import { wireText } from "../core/wire.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Problem, Skeleton } from "../ui/message.tsx";
import { useHistory } from "./use-history.ts";

/** Characters of one event that are drawn. */
const shownText = 16_384;

/** The history as it went over the wire, a line an event. */
export function RawTab({ sessionId, latest }: { sessionId: string; latest: number }) {
  const history = useHistory(sessionId, latest);
  if (history.isLoading) return <Skeleton label="Loading the history" />;
  const lines = history.events.map((event) => wireText(event));
  return (
    <section class="pane" aria-label="Raw">
      <div class="pane-bar">
        <CopyButton text={lines.join("\n")} what="these events" label="Copy these" />
        {history.hasEarlier && (
          <button type="button" onClick={history.loadEarlier}>
            Load earlier
          </button>
        )}
        <span class="quiet number">
          {lines.length} of {latest} events; large ones are shortened here, Export has them whole
        </span>
      </div>
      {history.error !== undefined && <Problem error={history.error} retry={history.retry} />}
      {lines.length > 0 && (
        <pre class="raw" role="group" tabIndex={0} aria-label="Events as JSON">
          {lines.map((line, index) => (
            <span class="raw-line" key={index}>
              {plain(line.length > shownText ? `${line.slice(0, shownText)}…` : line)}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </section>
  );
}
