import { useEffect, useState } from "preact/hooks";

import { type SearchAnswer, search } from "../core/api.ts";
import { transcriptTypes } from "../core/event-types.ts";
import { plainLine } from "../core/plain.ts";
import { formatHash } from "../core/route.ts";
import { Problem } from "../ui/message.tsx";
import { Ago } from "../ui/time.tsx";

const shownHits = 20;
/** The service looks through files: one letter would find everything. */
const shortestText = 2;

/** Where the text stands in any record of any session. */
export function SearchHits({ q }: { q: string }) {
  const [answer, setAnswer] = useState<SearchAnswer | undefined>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setError(undefined);
    if (q.length < shortestText) return setAnswer(undefined);
    let isCurrent = true;
    search(q, shownHits).then(
      (found) => isCurrent && setAnswer(found),
      (failure: unknown) => isCurrent && setError(failure),
    );
    return () => {
      isCurrent = false;
    };
  }, [q, attempt]);

  if (q.length < shortestText) return null;
  if (error !== undefined) return <Problem error={error} retry={() => setAttempt(attempt + 1)} />;
  if (answer === undefined) return <p class="quiet">Searching in records…</p>;
  if (answer.hits.length === 0)
    return <p class="quiet">No record contains this text{answer.isComplete ? "." : " so far."}</p>;
  return (
    <section class="hits" aria-labelledby="hits-title">
      <h2 id="hits-title">
        In records{" "}
        <span class="quiet">
          {answer.isComplete ? answer.hits.length : `the first ${answer.hits.length}`}
        </span>
      </h2>
      <ul>
        {answer.hits.map(({ sessionId, offset, type, timestamp, snippet }) => (
          <li key={`${sessionId} ${offset}`}>
            <a
              href={formatHash(
                { page: "session", sessionId, tab: "feed" },
                new Map([
                  ["at", String(offset)],
                  ["kind", transcriptTypes.includes(type) ? "transcript" : ""],
                ]),
              )}
            >
              {sessionId} · {type.replaceAll("_", " ")} {offset}
            </a>{" "}
            <Ago at={Date.parse(timestamp)} /> <code>{marked(plainLine(snippet, 160), q)}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The text that was looked for stands out. */
function marked(text: string, q: string) {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + q.length)}</mark>
      {text.slice(at + q.length)}
    </>
  );
}
