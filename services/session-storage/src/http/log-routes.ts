import type { ServerResponse } from "node:http";

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
import { sendJson, sendText } from "./send.ts";
import { streamLines } from "./stream.ts";

const logRoutes = [
  ["actions", routes.appendActions, routes.getActions],
  ["responses", routes.appendResponses, routes.getResponses],
] as const;

export function mountLogRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { sessions, catalog, history, takeRate } = dependencies;

  for (const [log, appendRoute, getRoute] of logRoutes) {
    mount(appendRoute, async ({ res, params: { sessionId }, query, readBody }) => {
      const { value } = await readBody();
      const isBatch = Array.isArray(value);
      const commands = isBatch
        ? value.map((record, index) => recordCommand(log, record, [index]))
        : [recordCommand(log, value)];
      await takeRate(sessionId, commands.length);
      const commit = await sessions.execute(sessionId, commands, { ...query, isBatch });
      sendJson(res, 200, isBatch ? batchReceipt(commit) : appendReceipt(commit));
    });

    mount(getRoute, async ({ req, res, params: { sessionId }, query }) => {
      if (!catalog.has(sessionId))
        throw new ServiceError("session_not_found", `no session ${sessionId}`);
      if (req.headers.accept?.includes(contentTypes.ndjson) === true) {
        await streamLines(res, streamLog(sessionId, log, query));
        return;
      }
      const lines: StoredLine[] = [];
      for await (const batch of readLog(sessionId, log, query)) lines.push(...batch);
      sendArray(res, lines);
    });
  }

  async function* streamLog(sessionId: SessionId, log: LogName, query: LogQuery) {
    // A stream needs no bound of its own: it ends with the log.
    const unbounded = { ...query, limit: query.limit ?? Number.POSITIVE_INFINITY };
    const asked = query.tail === undefined ? { after: 0, ...unbounded } : query;
    for await (const batch of readLog(sessionId, log, asked)) yield batch.map(({ text }) => text);
  }

  async function* readLog(sessionId: SessionId, log: LogName, query: LogQuery) {
    const accepts = ({ data }: StoredLine) =>
      query.type === undefined || (JSON.parse(data) as { type: string }).type === query.type;
    if (query.after === undefined && query.limit === undefined) {
      const count = query.tail ?? limits.defaultTail;
      yield await history.tail(sessionId, log, count, accepts);
      return;
    }
    let left = query.limit ?? limits.logPage;
    let kept: StoredLine[] = [];
    for await (const batch of history.after(sessionId, log, query.after ?? 0)) {
      const matching = batch.filter(accepts).slice(0, left);
      left -= matching.length;
      if (query.tail === undefined) yield matching;
      else kept = query.tail === 0 ? [] : [...kept, ...matching].slice(-query.tail);
      if (left === 0) break;
    }
    if (kept.length > 0) yield kept;
  }
}

function sendArray(res: ServerResponse, lines: readonly StoredLine[]): void {
  const text = `[${lines.map((line) => line.text).join(",")}]`;
  sendText(res, 200, text, { "content-type": contentTypes.json });
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
