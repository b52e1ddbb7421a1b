import { render } from "preact";

import { getHealth } from "./core/api.ts";
import { followServiceClock, startClock } from "./core/clock.ts";
import { AppContext } from "./core/context.ts";
import { apiKey, wantKey } from "./core/key.ts";
import { createLive } from "./core/live.ts";
import { followHash } from "./core/route.ts";
import { createFeedStore } from "./feed/feed-store.ts";
import { createFleetStore } from "./fleet/fleet-store.ts";
import { Shell } from "./shell.tsx";
import { Boundary } from "./ui/boundary.tsx";

/** What the feed shows of the time before the page was opened, positions. */
const lookBack = 2_000;

const live = createLive({
  url: (after) => `${location.origin.replace(/^http/, "ws")}/ws?batch=1&preview=1&after=${after}`,
  start: async () => Math.max(0, (await getHealth()).position - lookBack),
  key: () => apiKey.value,
  serviceTime: (ms) => ms !== undefined && followServiceClock(ms),
  refused: wantKey,
});
const feed = createFeedStore();
const transcriptFeed = createFeedStore({ isOfTranscripts: true, maxRows: 20_000 });
for (const { add, addMissing } of [feed, transcriptFeed])
  live.listen({ events: add, missing: addMissing });
const fleet = createFleetStore(live);
startClock();
followHash();
live.connect();

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
render(
  <AppContext.Provider value={{ live, fleet, feed, transcriptFeed }}>
    <Boundary>
      <Shell />
    </Boundary>
  </AppContext.Provider>,
  root,
);
