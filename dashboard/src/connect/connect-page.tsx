import { useEffect, useState } from "preact/hooks";

import { serviceNow } from "../core/clock.ts";
import { useApp } from "../core/context.ts";
import { apiKey } from "../core/key.ts";
import { goTo, sessionHash } from "../core/route.ts";
import { show, showError } from "../core/toast.ts";
import type { Event } from "../core/wire.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { ImportButton } from "./import-button.tsx";
import { RemoveTests } from "./remove-tests.tsx";
import { snippetsFor } from "./snippets.ts";
import { createTestSession } from "./test-session.ts";

/** How to record a first agent; also what an empty fleet shows. */
export function ConnectPage({ isFirst = false }: { isFirst?: boolean }) {
  const { live } = useApp();
  const [heard, setHeard] = useState<Event | undefined>();
  const [isBusy, setBusy] = useState(false);
  useEffect(
    () =>
      live.listen({
        events(events, isPast) {
          const last = events.at(-1);
          if (isPast || last === undefined) return;
          setHeard(last);
          // The fleet takes the place of this page.
          if (isFirst) show(`Heard ${last.sessionId}: it works`);
        },
      }),
    [isFirst],
  );

  async function test(): Promise<void> {
    setBusy(true);
    try {
      goTo(sessionHash(await createTestSession(serviceNow())));
    } catch (error) {
      showError("The test session could not be made", error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="connect">
      <h1>{isFirst ? "No session yet: connect an agent" : "Connect an agent"}</h1>
      <p class="listening" role="status">
        <span class={`dot${heard === undefined ? "" : " is-heard"}`} aria-hidden="true" />
        {heard === undefined ? (
          "Listening… the first event appears here."
        ) : (
          <span>
            Heard <a href={sessionHash(heard.sessionId)}>{heard.sessionId}</a>: it works.
          </span>
        )}
      </p>
      <div class="actions">
        <button type="button" class="is-primary" disabled={isBusy} onClick={() => void test()}>
          Create a test session
        </button>
        <ImportButton />
        <RemoveTests />
      </div>
      <p class="quiet">
        The test session carries the label <code>test</code>; one click here deletes what carries
        it.
      </p>
      {snippetsFor(location.origin, apiKey.value !== null).map(({ name, shell, program }) => (
        <section class="snippet" aria-label={name} key={name}>
          <h2>{name}</h2>
          {program && <Lines title={program.file} text={program.text} what={name} />}
          <Lines title="Shell" text={shell} what={name} />
        </section>
      ))}
      <p class="quiet">
        All calls: <a href="/docs">the API</a>, <a href="/openapi.json">OpenAPI</a>
      </p>
    </div>
  );
}

const Lines = ({ title, text, what }: { title: string; text: string; what: string }) => (
  <>
    <p class="snippet-head">
      {title} <CopyButton text={text} what={`${title} for ${what}`} label="Copy" />
    </p>
    <pre role="group" tabIndex={0} aria-label={`${title} for ${what}`}>
      {text}
    </pre>
  </>
);
