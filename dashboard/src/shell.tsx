import { useEffect, useState } from "preact/hooks";

import { ConnectPage } from "./connect/connect-page.tsx";
import { useApp } from "./core/context.ts";
import { isKeyWanted } from "./core/key.ts";
import { goTo, place } from "./core/route.ts";
import { FeedPage } from "./feed/feed-page.tsx";
import { FleetPage } from "./fleet/fleet-page.tsx";
import { SessionPage } from "./session/session-page.tsx";
import { SystemPage } from "./system/system-page.tsx";
import { Boundary } from "./ui/boundary.tsx";
import { Help } from "./ui/help.tsx";
import { KeyForm } from "./ui/key-form.tsx";
import { LiveBar } from "./ui/live-bar.tsx";
import { StorageNotice } from "./ui/storage-notice.tsx";
import { ThemeSelect } from "./ui/theme-select.tsx";
import { ToastArea } from "./ui/toast-area.tsx";
import { useKeys } from "./ui/use-keys.ts";

const pages = { fleet: "Fleet", feed: "Feed", connect: "Connect", system: "System" } as const;

export function Shell() {
  const [isHelpOpen, setHelpOpen] = useState(false);
  useTitle();
  useKeys({
    "?": () => setHelpOpen(true),
    "g f": () => goTo("#/fleet"),
    "g e": () => goTo("#/feed"),
    "g c": () => goTo("#/connect"),
    "g s": () => goTo("#/system"),
  });
  const at = place.value;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="top">
        <nav aria-label="Pages">
          {Object.entries(pages).map(([page, word]) => (
            <a href={`#/${page}`} aria-current={at.page === page ? "page" : undefined} key={page}>
              {word}
            </a>
          ))}
        </nav>
        <LiveBar />
        <ThemeSelect />
        <button type="button" aria-label="Keys" title="Keys (?)" onClick={() => setHelpOpen(true)}>
          ?
        </button>
      </header>
      <StorageNotice />
      <main id="main" tabIndex={-1}>
        {isKeyWanted.value ? (
          <KeyForm />
        ) : (
          <Boundary key={at.page}>
            <Page />
          </Boundary>
        )}
      </main>
      <ToastArea />
      {isHelpOpen && <Help close={() => setHelpOpen(false)} />}
    </>
  );
}

/** The address says which page it is, so it can't say where on the page. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Page() {
  const at = place.value;
  switch (at.page) {
    case "fleet":
      return <FleetPage />;
    case "feed":
      return <FeedPage />;
    case "connect":
      return <ConnectPage />;
    case "system":
      return <SystemPage />;
    case "session":
      return <SessionPage sessionId={at.sessionId} tab={at.tab} key={at.sessionId} />;
    case "unknown":
      return (
        <div class="message">
          <h1>There is no such page</h1>
          <p>
            <a href="#/fleet">The fleet</a>
          </p>
        </div>
      );
  }
}

/** Who waits is said in the tab too. */
function useTitle(): void {
  const { fleet } = useApp();
  const at = place.value;
  const waiting = fleet.summary.value?.counts["waiting"] ?? 0;
  const named = at.page === "session" ? fleet.sessions.value.get(at.sessionId) : undefined;
  const name =
    at.page === "session"
      ? (named?.name ?? at.sessionId)
      : at.page === "unknown"
        ? "Not found"
        : pages[at.page];
  const title = `${waiting > 0 ? `(${waiting}) ` : ""}${name} · Sessions`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
