import type { Server } from "node:http";

import type { Logger } from "pino";

import type { Sockets } from "../http/sockets.ts";
import type { Hub } from "../live/hub.ts";

export interface DrainDependencies {
  server: Server;
  hub: Pick<Hub, "drain">;
  sockets: Pick<Sockets, "terminate">;
  timeoutMs: number;
  log: Pick<Logger, "warn">;
}

/** How long a client is asked to wait before it comes back, ms. */
const retryAfterMs = 1_000;
/** Kept of the time limit for what has to be written afterwards. */
const shareForRequests = 0.5;

/** Stops accepting, tells the clients, and lets the requests that are under way finish within half the time limit. */
export async function drain({
  server,
  hub,
  sockets,
  timeoutMs,
  log,
}: DrainDependencies): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  hub.drain(retryAfterMs);
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    log.warn({ timeoutMs }, "requests did not finish in time; closing their connections");
    server.closeAllConnections();
    sockets.terminate();
  }, timeoutMs * shareForRequests);
  await closed;
  clearTimeout(deadline);
}
