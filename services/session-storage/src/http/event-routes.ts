import { type HistoryQuery, type SessionId, contentTypes, routes } from "@sessions/contract";
import type { Request } from "express";

import { ServiceError } from "../domain/errors.ts";
import { openEventStream } from "../live/event-stream.ts";
import { type EventFrame, frameOfLine } from "../live/frame.ts";
import type { SubscribeOptions } from "../live/hub.ts";
import { parseCommand } from "./commands.ts";
import type { AppDependencies } from "./dependencies.ts";
import { batchReceipt } from "./log-routes.ts";
import type { Call, Mount } from "./mount.ts";
import { sendJson } from "./send.ts";
import { arrayOf, linesOf, sendPieces } from "./stream.ts";

export function mountEventRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { authorizer, sessions, catalog, history, hub, takeRate } = dependencies;

  mount(routes.appendEvents, async ({ res, params: { sessionId }, query, fence, readBody }) => {
    const { value } = await readBody();
    if (!Array.isArray(value)) {
      const message = "must be an array of commands, or NDJSON";
      throw new ServiceError("invalid_content", `the body ${message}`, {
        errors: [{ field: "", message }],
      });
    }
    const commands = value.map(parseCommand);
    await takeRate(sessionId, commands.length);
    const options = { ...query, ...fence, isBatch: true };
    const commit = await sessions.execute(sessionId, commands, options);
    const created = commit.events.some(({ type }) => type === "session_created");
    sendJson(res, 200, {
      ...batchReceipt(commit),
      ...(created && { writeToken: authorizer.mintToken(sessionId) }),
    });
  });

  mount(routes.getEvents, async (call) => {
    const { req, res, params, query } = call;
    const { sessionId } = params;
    if (!catalog.has(sessionId))
      throw new ServiceError("session_not_found", `no session ${sessionId}`);
    if (accepts(req, contentTypes.eventStream)) {
      stream(call, { scope: sessionId, types: query.types });
      return;
    }
    const frames = framesAfter(sessionId, query.after ?? 0, query.types);
    if (accepts(req, contentTypes.ndjson))
      await sendPieces(res, contentTypes.ndjson, linesOf(textsOf(frames, query)));
    else await sendPieces(res, contentTypes.json, pageOf(sessionId, frames, query));
  });

  mount(routes.getFeed, (call) => stream(call, { scope: "*", userId: call.query.user }));

  async function* framesAfter(
    sessionId: SessionId,
    after: number,
    types: readonly string[] | undefined,
  ) {
    for await (const lines of history.events(sessionId, after)) {
      const wanted = types === undefined ? lines : lines.filter((l) => types.includes(l.type));
      yield wanted.map((line) => frameOfLine(sessionId, line));
    }
  }

  async function* pageOf(
    sessionId: SessionId,
    frames: AsyncIterable<readonly EventFrame[]>,
    { after = 0, limit, preview }: HistoryQuery,
  ) {
    const latest = catalog.get(sessionId)?.metadata.offset ?? 0;
    let next = after;
    let left = limit;
    let hasMore = false;
    async function* texts() {
      for await (const batch of frames) {
        const page = batch.slice(0, left);
        left -= page.length;
        next = page.at(-1)?.offset ?? next;
        hasMore = page.length < batch.length;
        yield page.map((frame) => textOf(frame, preview));
        if (hasMore) return;
      }
    }
    yield '{"events":';
    yield* arrayOf(texts());
    if (!hasMore) next = Math.max(next, latest);
    yield `,"next":${next},"earliest":${Math.min(1, latest)},"latest":${latest},"hasMore":${hasMore}}`;
  }

  function stream(
    {
      req,
      res,
      query,
    }: Pick<Call<typeof routes.getEvents | typeof routes.getFeed>, "req" | "res" | "query">,
    options: SubscribeOptions,
  ): void {
    const after = lastEventId(req) ?? query.after;
    const sink = openEventStream(res);
    const detach = hub.attach(sink);
    const end = hub.subscribe(sink, { ...options, after, preview: query.preview });
    res.on("close", () => {
      detach();
      end();
    });
  }
}

function accepts(req: Request, contentType: string): boolean {
  return req.headers.accept?.includes(contentType) === true;
}

/** What a client that was cut off saw last; stronger than `after`, which is from its first request. */
function lastEventId(req: Request): number | undefined {
  const id = req.headers["last-event-id"];
  if (typeof id !== "string") return undefined;
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new ServiceError("invalid_request", "Last-Event-ID is not a cursor that this service gave");
}

async function* textsOf(
  batches: AsyncIterable<readonly EventFrame[]>,
  { preview }: Pick<HistoryQuery, "preview">,
) {
  for await (const frames of batches) yield frames.map((frame) => textOf(frame, preview));
}

function textOf(frame: EventFrame, preview: boolean): string {
  return preview ? frame.preview() : frame.text;
}
