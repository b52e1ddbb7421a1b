import { flushBeforeExit } from "@sessions/hook-agent/exit";

import {
  type SessionKey,
  type SessionStore,
  type SessionStoreEntry,
  SessionStoreError,
  type SessionStoreOptions,
} from "./api.ts";
import { createEntryNames } from "./entry-names.ts";
import { createFoldLoader } from "./fold.ts";
import { createHttpClient } from "./http.ts";
import { inTime } from "./in-time.ts";
import { checkKey, checkProjectKey } from "./key.ts";
import { listSummaries } from "./list-summaries.ts";
import { createSpooledSessions } from "./spooled-sessions.ts";
import { createStoreClient } from "./store-client.ts";
import { createSummaryKeeper } from "./summary-keeper.ts";

const flushTimeoutMs = 2_000;
/** For what nobody waits for. */
const backgroundTimeoutMs = 5_000;

/** Keeps the SDK's transcripts at the service, by way of a spool on disk. */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  const { serviceUrl = "http://localhost:9000", timeoutMs = 45_000 } = options;
  const http = createHttpClient(serviceUrl, options.token);
  const client = createStoreClient(http, timeoutMs);
  const loadFold = createFoldLoader(options.foldSessionSummary, options.log);
  const names = createEntryNames();
  const sessions = createSpooledSessions({ ...options, serviceUrl, timeoutMs }, names);
  const keeper = createSummaryKeeper({
    client: createStoreClient(http, backgroundTimeoutMs),
    loadFold,
  });
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new SessionStoreError("closed", "the session store is closed");
  };

  const flush = async (withinMs: number, endsOnFailure = false): Promise<boolean> => {
    const begin = performance.now();
    const isFlushed = await sessions.flush(withinMs, endsOnFailure);
    const leftMs = withinMs - (performance.now() - begin);
    if (isFlushed && leftMs > 0) await inTime(keeper.catchUp(), leftMs);
    return isFlushed;
  };

  const stopWatching =
    options.flushOnExit === false
      ? () => {}
      : flushBeforeExit({
          async flush() {
            await flush(flushTimeoutMs, true);
            await sessions.closeIdle();
          },
          // What is left is taken over by the next process, which sees that this one is gone.
          release() {},
        });

  return {
    async append(key, entries) {
      checkOpen();
      checkKey(key);
      if (entries.length === 0) return;
      const session = sessions.of(key.sessionId);
      const spooled = key.subpath === undefined ? keeper.appending(session, key) : undefined;
      await session.append(key, entries);
      spooled?.(entries);
    },
    async load(key) {
      checkOpen();
      checkKey(key);
      await sessions.settle(key.sessionId, timeoutMs);
      const loaded = names.loading(key);
      const entries = await client.readEntries(key, {}, noEntries, addEntry);
      loaded(entries ?? []);
      return entries ?? null;
    },
    async listSessions(projectKey) {
      checkOpen();
      checkProjectKey(projectKey);
      await sessions.settleAll(timeoutMs);
      return client.listSessions(projectKey);
    },
    async listSessionSummaries(projectKey) {
      checkOpen();
      checkProjectKey(projectKey);
      await sessions.settleAll(timeoutMs);
      return listSummaries(client, await loadFold(), projectKey, timeoutMs);
    },
    async listSubkeys({ projectKey, sessionId }) {
      checkOpen();
      const key: SessionKey = { projectKey, sessionId };
      checkKey(key);
      await sessions.settle(sessionId, timeoutMs);
      return client.listSubkeys(key);
    },
    async delete(key) {
      checkOpen();
      checkKey(key);
      const session = sessions.of(key.sessionId);
      await session.exclusively(timeoutMs, async () => {
        await client.deleteTranscript(key);
        names.forget(key);
        if (key.subpath === undefined) keeper.forget(key);
      });
    },
    flush: (asked) => flush(asked?.timeoutMs ?? flushTimeoutMs),
    async close(asked) {
      if (isClosed) return true;
      isClosed = true;
      stopWatching();
      const isFlushed = await flush(asked?.timeoutMs ?? flushTimeoutMs);
      keeper.close();
      await sessions.close();
      http.close();
      return isFlushed;
    },
  };
}

const noEntries = (): SessionStoreEntry[] => [];

function addEntry(entries: SessionStoreEntry[], entry: SessionStoreEntry): SessionStoreEntry[] {
  entries.push(entry);
  return entries;
}
