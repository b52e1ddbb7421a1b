import { randomUUID } from "node:crypto";

import { onTestFinished } from "vitest";

import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";
import type { SessionKey, SessionStore, SessionStoreEntry } from "../../src/api.ts";
import type { SessionStoreOptions } from "../../src/main.ts";
import { createSessionStore } from "../../src/main.ts";

export interface TestStore extends SessionStore {
  readonly spoolDirectory: string;
  readonly warnings: string[];
}

/** Closed when the test is over, with short waits before retries. Without the SDK unless that is given. */
export function createStore(options: SessionStoreOptions & { serviceUrl: string }): TestStore {
  const { spoolDirectory = temporaryDirectory() } = options;
  const warnings: string[] = [];
  const store = createSessionStore({
    timeoutMs: 20_000,
    flushOnExit: false,
    foldSessionSummary: (before, { sessionId }) =>
      before ?? { sessionId, mtime: 0, data: { folded: false } },
    log: { warn: (details, message) => warnings.push(`${message} ${JSON.stringify(details)}`) },
    ...options,
    spoolDirectory,
    limits: { retryBaseMs: 5, retryMaxMs: 100, ...options.limits },
  });
  onTestFinished(async () => void (await store.close({ timeoutMs: 0 })));
  return Object.assign(store, { spoolDirectory, warnings });
}

/** Of a project of its own unless told. */
export function newKey(key: Partial<SessionKey> = {}): SessionKey {
  return { projectKey: `-project-${randomUUID()}`, sessionId: randomUUID(), ...key };
}

/** Entries as the CLI writes them, each with a uuid, numbered from `from`. */
export function messages(count: number, from = 0): SessionStoreEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "user",
    uuid: randomUUID(),
    timestamp: new Date(1_700_000_000_000 + index).toISOString(),
    message: { role: "user", content: `say ${from + index}` },
  }));
}
