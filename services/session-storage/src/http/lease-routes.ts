import { leaseInputSchema, routes } from "@sessions/contract";

import type { AppDependencies } from "./dependencies.ts";
import type { Mount } from "./mount.ts";
import { parseRequest } from "./parse.ts";
import { sendJson } from "./send.ts";

export function mountLeaseRoutes(mount: Mount, { sessions }: AppDependencies): void {
  mount(routes.acquireLease, async ({ res, params: { sessionId }, readBody }) => {
    const data = parseRequest(leaseInputSchema, (await readBody()).value, "body");
    const { session } = await sessions.execute(sessionId, [{ type: "lease_acquired", data }]);
    sendJson(res, 200, { success: true, lease: session?.metadata.lease });
  });

  mount(routes.releaseLease, async ({ res, params: { sessionId }, query: { epoch } }) => {
    const { session } = await sessions.execute(sessionId, [{ type: "lease_released", epoch }]);
    sendJson(res, 200, { success: true, lease: session?.metadata.lease });
  });
}
