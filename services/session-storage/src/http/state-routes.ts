import {
  type Agent,
  type Command,
  type Goal,
  type SessionId,
  agentCompletionSchema,
  agentInputSchema,
  contentTypes,
  goalInputSchema,
  goalPatchSchema,
  routes,
  statePatchSchema,
} from "@sessions/contract";

import type { ExecuteOptions } from "../domain/sessions.ts";
import { parseAsSent } from "./commands.ts";
import type { AppDependencies } from "./dependencies.ts";
import { etagOf, matchVersions } from "./etag.ts";
import type { Mount } from "./mount.ts";
import { sendJson } from "./send.ts";

export function mountStateRoutes(mount: Mount, { sessions, takeRate }: AppDependencies): void {
  mount(routes.getState, async ({ req, res, params: { sessionId } }) => {
    const { state } = await sessions.read(sessionId);
    const etag = etagOf(state.version);
    if (req.headers["if-none-match"] === etag) res.writeHead(304, { etag }).end();
    else sendJson(res, 200, state, { etag });
  });

  mount(routes.patchState, async ({ req, res, params: { sessionId }, query, fence, readBody }) => {
    const { contentType, value } = await readBody();
    const patch = parseAsSent(statePatchSchema, value);
    const mode = contentType === contentTypes.mergePatch ? "merge" : "deep";
    await takeRate(sessionId, 1);
    const ifVersions = matchVersions(req.headers["if-match"]);
    const { session } = await sessions.execute(
      sessionId,
      [{ type: "state_updated", data: { mode, patch } }],
      { ...query, ...fence, ...(ifVersions && { ifVersions }) },
    );
    sendJson(res, 200, session?.state, { etag: etagOf(session?.state.version ?? 0) });
  });

  mount(routes.addGoal, async ({ res, params: { sessionId }, fence, readBody }) => {
    const data = parseAsSent(goalInputSchema, (await readBody()).value);
    const { goal } = await run(sessionId, fence, { type: "goal_added", data });
    sendJson(res, 201, { success: true, goalId: goal?.goalId, goal });
  });

  mount(routes.patchGoal, async ({ res, params: { sessionId, goalId }, fence, readBody }) => {
    const patch = parseAsSent(goalPatchSchema, (await readBody()).value);
    const { goal } = await run(sessionId, fence, { type: "goal_updated", data: { goalId, patch } });
    sendJson(res, 200, { success: true, goalId, goal });
  });

  mount(routes.spawnAgent, async ({ res, params: { sessionId }, fence, readBody }) => {
    const data = parseAsSent(agentInputSchema, (await readBody()).value);
    const { agent } = await run(sessionId, fence, { type: "agent_spawned", data });
    sendJson(res, 201, { success: true, agentId: agent?.agentId, agent });
  });

  mount(routes.completeAgent, async ({ res, params: { sessionId, agentId }, fence, readBody }) => {
    const completion = parseAsSent(agentCompletionSchema, (await readBody()).value);
    const data = { agentId, completion };
    const { agent } = await run(sessionId, fence, { type: "agent_completed", data });
    sendJson(res, 200, { success: true, agentId, agent });
  });

  /** The goal or the agent as the command left it. */
  async function run(
    sessionId: SessionId,
    fence: ExecuteOptions,
    command: Command,
  ): Promise<{ goal?: Goal; agent?: Agent }> {
    await takeRate(sessionId, 1);
    const { outcomes } = await sessions.execute(sessionId, [command], fence);
    return outcomes[0]?.event?.data as { goal?: Goal; agent?: Agent };
  }
}
