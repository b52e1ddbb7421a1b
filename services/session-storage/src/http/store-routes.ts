import {
  type SessionId,
  type TranscriptEntry,
  contentTypes,
  entrySchema,
  routes,
  summaryInputSchema,
} from "@sessions/contract";
import * as z from "zod";

import { ServiceError } from "../domain/errors.ts";
import {
  type Transcript,
  type TranscriptFile,
  type TranscriptPlace,
  hashedId,
  placeOf,
  transcriptFileOf,
} from "../domain/transcripts.ts";
import { entryTextOf } from "../views/log-line.ts";
import type { AppDependencies } from "./dependencies.ts";
import { batchReceipt } from "./log-routes.ts";
import type { Mount } from "./mount.ts";
import { parseRequest } from "./parse.ts";
import { sendJson } from "./send.ts";
import { linesOf, sendPieces } from "./stream.ts";

const entriesSchema = z.array(entrySchema);

export function mountStoreRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { authorizer, sessions, catalog, history, takeRate } = dependencies;

  mount(routes.appendEntries, async ({ req, res, params, query, fence, readBody }) => {
    const { sessionId, projectKey } = params;
    const place = { projectKey, subpath: query.subpath ?? null };
    const { value } = await readBody();
    parseRequest(entriesSchema, value, "body");
    const key = req.headers["idempotency-key"];
    const commands = (value as TranscriptEntry[]).map((entry, index) => ({
      type: "transcript_entry" as const,
      ...(typeof key === "string" && {
        id: hashedId("batch", transcriptFileOf(place), key, index),
      }),
      data: { ...place, entry },
    }));
    await takeRate(sessionId, commands.length);
    const create = commands.length > 0 && !catalog.has(sessionId);
    const created = create ? [{ type: "session_created" as const, data: {} }] : [];
    const options = { ...fence, isBatch: true };
    const commit = await sessions.execute(sessionId, [...created, ...commands], options);
    const isNew = commit.events.some(({ type }) => type === "session_created");
    const receipt = batchReceipt(commit);
    sendJson(res, 200, {
      ...receipt,
      accepted: receipt.accepted - created.length,
      seq: commit.session?.transcripts.files[transcriptFileOf(place)]?.seq ?? 0,
      ...(isNew && { writeToken: authorizer.mintToken(sessionId) }),
    });
  });

  mount(routes.getEntries, async ({ res, params: { sessionId, projectKey }, query }) => {
    const file = transcriptFileOf({ projectKey, subpath: query.subpath });
    find(sessionId, file);
    const { after = 0, limit = Number.POSITIVE_INFINITY } = query;
    await sendPieces(res, contentTypes.ndjson, linesOf(textsOf(sessionId, file, after, limit)));
  });

  mount(routes.listTranscripts, ({ res, params: { sessionId } }) => {
    if (!catalog.has(sessionId))
      throw new ServiceError("session_not_found", `no session ${sessionId}`);
    const transcripts = transcriptsOf(sessionId).map(([file, transcript]) => ({
      ...placeOf(file),
      ...sizeOf(transcript),
    }));
    sendJson(res, 200, { transcripts });
  });

  mount(routes.listSubkeys, ({ res, params: { sessionId, projectKey } }) => {
    const subkeys = transcriptsOf(sessionId)
      .map(([file]) => placeOf(file))
      .flatMap((place) => (place.projectKey === projectKey ? (place.subpath ?? []) : []));
    sendJson(res, 200, { subkeys });
  });

  mount(routes.getSummary, ({ res, params: { sessionId, projectKey } }) => {
    const main = find(sessionId, transcriptFileOf({ projectKey }));
    sendJson(res, 200, { ...sizeOf(main), summary: main.summary ?? null });
  });

  mount(routes.putSummary, async ({ res, params, fence, readBody }) => {
    const { sessionId, projectKey } = params;
    const { value } = await readBody();
    const { base, ...summary } = parseRequest(summaryInputSchema, value, "body");
    await sessions.execute(
      sessionId,
      [{ type: "transcript_summarized", projectKey, summary, base }],
      fence,
    );
    sendJson(res, 200, { success: true });
  });

  mount(routes.deleteTranscript, async ({ res, params, query: { subpath = null }, fence }) => {
    const { sessionId, projectKey } = params;
    if (catalog.has(sessionId)) {
      const command = { type: "transcript_deleted", projectKey, subpath } as const;
      await sessions.execute(sessionId, [command], fence);
    }
    sendJson(res, 200, { success: true });
  });

  mount(routes.listStoreSessions, ({ res, params }) =>
    sendJson(res, 200, {
      sessions: mainTranscripts(params).map(([sessionId, main]) => ({
        sessionId,
        ...sizeOf(main),
      })),
    }),
  );

  mount(routes.listSummaries, ({ res, params }) =>
    sendJson(res, 200, {
      summaries: mainTranscripts(params).map(([sessionId, main]) => ({
        sessionId,
        ...sizeOf(main),
        summary: main.summary ?? null,
      })),
    }),
  );

  function transcriptsOf(sessionId: SessionId): [TranscriptFile, Transcript][] {
    const files = catalog.get(sessionId)?.transcripts.files ?? {};
    return Object.entries(files) as [TranscriptFile, Transcript][];
  }

  function mainTranscripts(place: TranscriptPlace): [SessionId, Transcript][] {
    const file = transcriptFileOf(place);
    return catalog
      .rows()
      .reverse()
      .flatMap(({ metadata: { sessionId }, transcripts: { files } }) => {
        const main = files[file];
        return main === undefined ? [] : [[sessionId, main] as [SessionId, Transcript]];
      });
  }

  function find(sessionId: SessionId, file: TranscriptFile): Transcript {
    if (!catalog.has(sessionId))
      throw new ServiceError("session_not_found", `no session ${sessionId}`);
    const transcript = catalog.get(sessionId)?.transcripts.files[file];
    if (transcript !== undefined) return transcript;
    throw new ServiceError("transcript_not_found", `session ${sessionId} has no ${file}`);
  }

  async function* textsOf(
    sessionId: SessionId,
    file: TranscriptFile,
    after: number,
    limit: number,
  ) {
    let left = limit;
    for await (const lines of history.entries(sessionId, file, after)) {
      const wanted = lines.slice(0, left);
      left -= wanted.length;
      yield wanted.map(entryTextOf);
      if (left === 0) return;
    }
  }
}

function sizeOf({ seq, updatedAt }: Transcript): { seq: number; mtime: number } {
  return { seq, mtime: Date.parse(updatedAt) };
}
