import { useEffect, useState } from "preact/hooks";

import { useApp } from "../core/context.ts";
import { apiKey } from "../core/key.ts";
import { goTo, sessionHash } from "../core/route.ts";
import { showError } from "../core/toast.ts";
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
  const [since] = useState(Date.now);
  useEffect(
    () =>
      live.listen({
        events: (events) =>
          setHeard(events.findLast(({ timestamp }) => Date.parse(timestamp) >= since)),
      }),
    [],
  );

  async function test(): Promise<void> {
    setBusy(true);
    try {
      goTo(sessionHash(await createTestSession(Date.now())));
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
          <>
            Heard <a href={sessionHash(heard.sessionId)}>{heard.sessionId}</a>: it works.
          </>
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
      {snippetsFor(location.origin, apiKey.value !== null).map(({ name, text }) => (
        <section class="snippet" aria-label={name} key={name}>
          <h2>
            {name} <CopyButton text={text} what={`the lines for ${name}`} />
          </h2>
          <pre tabIndex={0} aria-label={`Lines for ${name}`}>
            {text}
          </pre>
        </section>
      ))}
      <p class="quiet">
        All calls: <a href="/docs">the API</a>, <a href="/openapi.json">OpenAPI</a>
      </p>
    </div>
  );
}
