import { useEffect, useRef, useState } from "preact/hooks";

import { isMissing } from "../core/api.ts";
import { useApp } from "../core/context.ts";
import { type SessionTab, formatHash, goTo, param, sessionTabs } from "../core/route.ts";
import { FeedList } from "../feed/feed-list.tsx";
import { Boundary } from "../ui/boundary.tsx";
import { Problem, Skeleton } from "../ui/message.tsx";
import { useKeys } from "../ui/use-keys.ts";
import { AgentsTab } from "./agents-tab.tsx";
import { bringBack } from "./bring-back.ts";
import { GoalsTab } from "./goals-tab.tsx";
import { RawTab } from "./raw-tab.tsx";
import { SessionHeader } from "./session-header.tsx";
import { type SessionStore, createSessionStore } from "./session-store.ts";
import { StateTab } from "./state-tab.tsx";
import { TimelineTab } from "./timeline-tab.tsx";
import { TranscriptTab } from "./transcript-tab.tsx";

const tabWords: Readonly<Record<SessionTab, string>> = {
  feed: "Feed",
  timeline: "Timeline",
  agents: "Agents",
  goals: "Goals",
  state: "State",
  transcript: "Transcript",
  raw: "Raw",
};

export function SessionPage({ sessionId, tab }: { sessionId: string; tab: SessionTab }) {
  const { live } = useApp();
  const [store, setStore] = useState<SessionStore | undefined>();
  const [from, setFrom] = useState(() => Number(param("at")) || 0);
  useEffect(() => {
    const opened = createSessionStore(sessionId, from, live);
    setStore(opened);
    return () => opened.close();
  }, [sessionId, from]);

  const tabs = useRef<HTMLElement>(null);
  const isShown = store?.detail.value !== undefined;
  useEffect(() => {
    // On a narrow screen they don't all fit.
    const current = tabs.current?.querySelector("[aria-current]");
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tab, isShown]);

  useKeys(
    Object.fromEntries(
      sessionTabs.map((name, index) => [
        String(index + 1),
        () => goTo(formatHash({ page: "session", sessionId, tab: name })),
      ]),
    ),
  );

  const loading = (
    <>
      <h1 class="visually-hidden">{sessionId}</h1>
      <Skeleton label="Loading the session" />
    </>
  );
  if (store === undefined) return loading;
  const detail = store.detail.value;
  const error = store.error.value;
  if (detail === undefined && error !== undefined)
    return isMissing(error) ? (
      <div class="message">
        <h1>There is no session {sessionId}</h1>
        <p>
          It was deleted, or the link is of another service. <a href="#/fleet">All sessions</a>
        </p>
        <button type="button" onClick={() => void bringBack([sessionId]).then(store.reload)}>
          Bring it back from the trash
        </button>
      </div>
    ) : (
      <>
        <h1 class="visually-hidden">{sessionId}</h1>
        <Problem error={error} retry={store.reload} />
      </>
    );
  if (detail === undefined) return loading;
  return (
    <div class="session">
      {error !== undefined && <Problem error={error} retry={store.reload} />}
      {store.isDeleted.value && (
        <p class="notice" role="status">
          This session was deleted. What you see is what was loaded before.{" "}
          <button type="button" onClick={() => void bringBack([sessionId])}>
            Bring it back
          </button>
        </p>
      )}
      <SessionHeader detail={detail} />
      <nav class="tabs" aria-label="Session" ref={tabs}>
        {sessionTabs.map((name) => (
          <a
            href={formatHash({ page: "session", sessionId, tab: name })}
            aria-current={name === tab ? "page" : undefined}
            key={name}
          >
            {tabWords[name]}
          </a>
        ))}
      </nav>
      {tab === "feed" && store.earlier.value > 0 && (
        <p class="earlier quiet">
          {store.earlier.value.toLocaleString("en")} earlier events are not loaded.{" "}
          <button type="button" onClick={() => setFrom(1)}>
            Load them
          </button>
        </p>
      )}
      <Boundary key={tab}>
        <Tab tab={tab} store={store} />
      </Boundary>
    </div>
  );
}

function Tab({ tab, store }: { tab: SessionTab; store: SessionStore }) {
  const detail = store.detail.value;
  if (detail === undefined) return null;
  switch (tab) {
    case "feed":
      return (
        <FeedList
          store={param("kind") === "transcript" ? store.transcriptFeed() : store.feed}
          showsSession={false}
          empty="No event yet, or none that matches."
        />
      );
    case "timeline":
      return <TimelineTab store={store} />;
    case "agents":
      return <AgentsTab state={detail.state} />;
    case "goals":
      return <GoalsTab state={detail.state} />;
    case "state":
      return <StateTab detail={detail} changed={store.changed.value} />;
    case "transcript":
      return <TranscriptTab sessionId={detail.session.sessionId} latest={store.offset.value} />;
    case "raw":
      return <RawTab sessionId={detail.session.sessionId} latest={store.offset.value} />;
  }
}
