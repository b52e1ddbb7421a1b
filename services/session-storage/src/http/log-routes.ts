import {
  type AppendReceipt,
  type BatchReceipt,
  type LogName,
  type LogQuery,
  type SessionId,
  contentTypes,
  limits,
  routes,
} from "@sessions/contract";

import type { Commit } from "../domain/commit.ts";
import { ServiceError } from "../domain/errors.ts";
import type { StoredLine } from "../views/log-line.ts";
import { recordCommand } from "./commands.ts";
import type { AppDependencies } from "./dependencies.ts";
import type { Mount } from "./mount.ts";
import { sendJson } from "./send.ts";
import { arrayOf, linesOf, sendPieces } from "./stream.ts";

const logRoutes = [
  ["actions", routes.appendActions, routes.getActions],
  ["responses", routes.appendResponses, routes.getResponses],
] as const;

export function mountLogRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { sessions, catalog, history, takeRate } = dependencies;

  for (const [log, appendRoute, getRoute] of logRoutes) {
    mount(appendRoute, async ({ res, params: { sessionId }, query, fence, readBody }) => {
      const { value } = await readBody();
      const isBatch = Array.isArray(value);
      const commands = isBatch
        ? value.map((record, index) => recordCommand(log, record, [index]))
        : [recordCommand(log, value)];
      await takeRate(sessionId, commands.length);
      const commit = await sessions.execute(sessionId, commands, { ...query, ...fence, isBatch });
      sendJson(res, 200, isBatch ? batchReceipt(commit) : appendReceipt(commit));
    });

    mount(getRoute, async ({ req, res, params: { sessionId }, query }) => {
      if (!catalog.has(sessionId))
        throw new ServiceError("session_not_found", `no session ${sessionId}`);
      const isStream = req.headers.accept?.includes(contentTypes.ndjson) === true;
      // A stream needs no bound of its own: it ends with the log.
      const asked = isStream ? { after: 0, limit: Number.POSITIVE_INFINITY, ...query } : query;
      const texts = textsOf(sessionId, log, asked);
      if (isStream) await sendPieces(res, contentTypes.ndjson, linesOf(texts));
      else await sendPieces(res, contentTypes.json, arrayOf(texts));
    });
  }

  async function* textsOf(sessionId: SessionId, log: LogName, query: LogQuery) {
    const { tail, after, type } = query;
    const accepts = ({ data }: StoredLine) =>
      type === undefined || (JSON.parse(data) as { type: string }).type === type;
    const isTail = tail !== undefined || (after === undefined && query.limit === undefined);
    const lines = isTail
      ? history.tail(sessionId, log, { count: tail ?? limits.defaultTail, after, accepts })
      : history.after(sessionId, log, after ?? 0);
    let left = query.limit ?? limits.logPage;
    for await (const batch of lines) {
      const wanted = batch.filter(accepts).slice(0, left);
      left -= wanted.length;
      yield wanted.map(({ text }) => text);
      if (left === 0) return;
    }
  }
}

function appendReceipt({ outcomes }: Commit): AppendReceipt {
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("a command without an outcome");
  const { offset, isDuplicate, event } = outcome;
  const isRecord = event?.type === "action" || event?.type === "response";
  return {
    success: true,
    ...(isRecord && { seq: event.data.seq }),
    offset,
    ...(isDuplicate && { duplicate: true }),
  };
}

export function batchReceipt({ outcomes, session }: Commit): BatchReceipt {
  const duplicates = outcomes.filter((outcome) => outcome.isDuplicate).length;
  return {
    success: true,
    accepted: outcomes.length - duplicates,
    duplicates,
    offset: session?.metadata.offset ?? 0,
  };
}
