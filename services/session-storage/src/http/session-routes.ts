import {
  type LogName,
  type SessionId,
  type SessionMetadata,
  type SessionView,
  contentTypes,
  createSessionSchema,
  finalizeSchema,
  metadataPatchSchema,
  routes,
  sessionViewFields,
} from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";
import type { AppDependencies } from "./dependencies.ts";
import type { Mount } from "./mount.ts";
import { parseRequest } from "./parse.ts";
import { sendJson } from "./send.ts";
import { arrayOf, sendPieces } from "./stream.ts";

export function mountSessionRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { authorizer, sessions, catalog, history, newId } = dependencies;

  mount(routes.createSession, async ({ res, principal, query, readBody }) => {
    const { value } = await readBody();
    const { sessionId: sent, ...input } = parseRequest(createSessionSchema, value, "body");
    const sessionId = sent ?? (newId() as SessionId);
    // A worker that comes back holds its session's token and no key.
    authorizer.authorize(principal, "session", sessionId);
    const { events, session } = await sessions.execute(
      sessionId,
      [{ type: "session_created", data: input }],
      query,
    );
    const created = events.some(({ type }) => type === "session_created");
    sendJson(res, created ? 201 : 200, {
      success: true,
      sessionId,
      path: `sessions/${sessionId}`,
      created,
      session: session?.metadata,
      ...(created && { writeToken: authorizer.mintToken(sessionId) }),
    });
  });

  mount(routes.listSessions, ({ res, query }) => sendJson(res, 200, catalog.list(query)));

  mount(routes.getSession, async ({ res, params: { sessionId }, query }) => {
    const { metadata, state } = await sessions.read(sessionId);
    // Each as JSON text: what is stored as text is answered in the bytes in which it is stored.
    const fields: Record<keyof SessionView, () => AsyncIterable<string> | Promise<string>> = {
      async metadata() {
        const damagedOffsets = await history.missingOffsets(sessionId);
        return JSON.stringify({
          ...metadata,
          ...(damagedOffsets.length > 0 && { damagedOffsets }),
        });
      },
      initial: async () => (await history.initial(sessionId)) ?? "null",
      state: async () => JSON.stringify(state),
      actions: () => arrayOf(tailOf(sessionId, "actions", query.tail)),
      responses: () => arrayOf(tailOf(sessionId, "responses", query.tail)),
      final: async () => (await history.final(sessionId)) ?? "null",
    };
    async function* members() {
      let before = "{";
      for (const name of query.fields ?? sessionViewFields) {
        yield `${before}"${name}":`;
        const value = fields[name]();
        if (value instanceof Promise) yield await value;
        else yield* value;
        before = ",";
      }
      yield "}";
    }
    await sendPieces(res, contentTypes.json, members());
  });

  mount(routes.patchMetadata, async ({ res, params: { sessionId }, fence, readBody }) => {
    const { value } = await readBody();
    const data = parseRequest(metadataPatchSchema, value, "body");
    const command = { type: "metadata_updated", data } as const;
    const { session } = await sessions.execute(sessionId, [command], fence);
    sendJson(res, 200, session?.metadata satisfies SessionMetadata | undefined);
  });

  mount(routes.finalizeSession, async ({ res, params: { sessionId }, fence, readBody }) => {
    const { value } = await readBody();
    const data = parseRequest(finalizeSchema, value, "body");
    const command = { type: "session_finalized", data } as const;
    const { outcomes } = await sessions.execute(sessionId, [command], fence);
    const [outcome] = outcomes;
    sendJson(res, 200, { success: true, offset: outcome?.offset, final: outcome?.event?.data });
  });

  mount(routes.deleteSession, async ({ res, params: { sessionId }, query: { force } }) => {
    if (!catalog.has(sessionId))
      throw new ServiceError("session_not_found", `no session ${sessionId}`);
    await sessions.execute(sessionId, [{ type: "session_deleted", force }]);
    sendJson(res, 200, { success: true, sessionId });
  });

  mount(routes.restoreSession, async ({ res, params: { sessionId } }) => {
    const { session } = await sessions.restore(sessionId);
    sendJson(res, 200, { success: true, session: session?.metadata });
  });

  async function* tailOf(sessionId: SessionId, log: LogName, count: number) {
    for await (const lines of history.tail(sessionId, log, { count }))
      yield lines.map(({ text }) => text);
  }
}
