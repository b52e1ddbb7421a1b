import { routes } from "@sessions/contract";

import type { AppDependencies } from "./dependencies.ts";
import type { Mount } from "./mount.ts";
import { sendJson } from "./send.ts";

export function mountQueryRoutes(mount: Mount, { catalog, search, fleet }: AppDependencies): void {
  mount(routes.recentSessions, ({ res, query: { limit } }) =>
    sendJson(res, 200, { sessions: catalog.recent(limit) }),
  );
  mount(routes.activeSessions, ({ res, query: { limit } }) =>
    sendJson(res, 200, { sessions: catalog.recent(limit, "active") }),
  );
  mount(routes.fleet, async ({ res }) => sendJson(res, 200, await fleet()));
  mount(routes.stats, ({ res }) => sendJson(res, 200, catalog.stats()));
  mount(routes.search, async ({ res, query }) => sendJson(res, 200, await search(query)));
}
