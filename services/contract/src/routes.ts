import { leaseRoutes } from "./routes/lease-routes.ts";
import { logRoutes } from "./routes/log-routes.ts";
import { queryRoutes } from "./routes/query-routes.ts";
import { serviceRoutes } from "./routes/service-routes.ts";
import { sessionRoutes } from "./routes/session-routes.ts";
import { stateRoutes } from "./routes/state-routes.ts";
import { storeRoutes } from "./routes/store-routes.ts";

export { type Access, type Route, contentTypes } from "./routes/route.ts";

/** Every route of the service, once: the service mounts it, OpenAPI describes it, the conformance suite calls it. */
export const routes = {
  ...sessionRoutes,
  ...logRoutes,
  ...stateRoutes,
  ...leaseRoutes,
  ...storeRoutes,
  ...queryRoutes,
  ...serviceRoutes,
} as const;

export type RouteName = keyof typeof routes;

/** The WebSocket endpoint; its frames are `serverFrameSchema` and `clientFrameSchema`. */
export const socketPath = "/ws";
