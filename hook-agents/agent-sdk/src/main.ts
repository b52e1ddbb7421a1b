import { readTokenFile } from "@sessions/hook-agent/token-file";

import type { SessionStore, SessionStoreOptions } from "./api.ts";
import { createSessionStore as createFromOptions } from "./session-store.ts";

export type * from "./api.ts";
export { SessionStoreError } from "./api.ts";

/**
 * A `sessionStore` for the Claude Agent SDK: sessions resume in any container. What isn't given comes from the
 * environment: SESSION_SERVICE_URL (http://localhost:9000), SESSION_TOKEN or SESSION_TOKEN_FILE, SESSION_SPOOL_DIR, SESSION_USER_ID.
 * Throws when the token's file can't be read: every call would be refused.
 */
export function createSessionStore(options: SessionStoreOptions = {}): SessionStore {
  const { env } = process;
  const userId = env["SESSION_USER_ID"];
  return createFromOptions({
    ...options,
    serviceUrl: options.serviceUrl ?? env["SESSION_SERVICE_URL"],
    token: options.token ?? (env["SESSION_TOKEN"] || tokenOf(env["SESSION_TOKEN_FILE"])),
    spoolDirectory: options.spoolDirectory ?? env["SESSION_SPOOL_DIR"],
    session: { ...(userId && { userId }), ...options.session },
  });
}

function tokenOf(file: string | undefined): string | undefined {
  return file ? readTokenFile(file) : undefined;
}
