import type { SessionStore, SessionStoreOptions } from "./api.ts";
import { createSessionStore as createFromOptions } from "./session-store.ts";

export type * from "./api.ts";
export { SessionStoreError } from "./api.ts";

/**
 * A `sessionStore` for the Claude Agent SDK: sessions resume in any container. What isn't given comes from the
 * environment: SESSION_SERVICE_URL (http://localhost:9000), SESSION_TOKEN, SESSION_SPOOL_DIR, SESSION_USER_ID.
 */
export function createSessionStore(options: SessionStoreOptions = {}): SessionStore {
  const { env } = process;
  const userId = env["SESSION_USER_ID"];
  return createFromOptions({
    ...options,
    serviceUrl: options.serviceUrl ?? env["SESSION_SERVICE_URL"],
    token: options.token ?? env["SESSION_TOKEN"],
    spoolDirectory: options.spoolDirectory ?? env["SESSION_SPOOL_DIR"],
    session: { ...(userId && { userId }), ...options.session },
  });
}
