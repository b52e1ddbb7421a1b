import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { FeedStore } from "../feed/feed-store.ts";
import type { FleetStore } from "../fleet/fleet-store.ts";
import type { Live } from "./live.ts";

export interface App {
  readonly live: Live;
  readonly fleet: FleetStore;
  /** Of all sessions, since the page was opened. */
  readonly feed: FeedStore;
  /** The lines of all transcripts since then. */
  readonly transcriptFeed: FeedStore;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("a part of the page stands outside of it");
  return app;
}
