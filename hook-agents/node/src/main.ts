import type { HookAgent, HookAgentOptions } from "./api.ts";
import { createHookAgent as createFromOptions } from "./hook-agent.ts";
import { readTokenFile } from "./token-file.ts";
import { createWarnings } from "./warnings.ts";

export type * from "./api.ts";
export { listSpooledSessions } from "./spool-folder.ts";
export { defaultSpoolDirectory } from "./spool-place.ts";

/**
 * Records one session. What isn't given comes from the environment: SESSION_ID, SESSION_SERVICE_URL
 * (http://localhost:9000), SESSION_TOKEN or SESSION_TOKEN_FILE, SESSION_SPOOL_DIR, SESSION_USER_ID, SESSION_NAME.
 * Without a session id it warns once and does nothing. It also sends what an ended process left of the session.
 */
export function createHookAgent(options: HookAgentOptions = {}): HookAgent {
  const { env } = process;
  const fromEnvironment = {
    ...(env["SESSION_USER_ID"] && { userId: env["SESSION_USER_ID"] }),
    ...(env["SESSION_NAME"] && { name: env["SESSION_NAME"] }),
  };
  return createFromOptions({
    flushOnExit: true,
    ...options,
    sessionId: options.sessionId ?? env["SESSION_ID"],
    serviceUrl: options.serviceUrl ?? env["SESSION_SERVICE_URL"],
    token: options.token ?? (env["SESSION_TOKEN"] || tokenOf(env["SESSION_TOKEN_FILE"], options)),
    spoolDirectory: options.spoolDirectory ?? env["SESSION_SPOOL_DIR"],
    session:
      options.session ?? (Object.keys(fromEnvironment).length > 0 ? fromEnvironment : undefined),
  });
}

function tokenOf(file: string | undefined, { log }: HookAgentOptions): string | undefined {
  if (!file) return undefined;
  try {
    return readTokenFile(file);
  } catch (error) {
    createWarnings(log).warn("token", { error }, "SESSION_TOKEN_FILE can't be read");
    return undefined;
  }
}

let fromEnvironment: HookAgent | undefined;
const agent = () => (fromEnvironment ??= createHookAgent());

/**
 * The agent that the environment describes, made at its first use. By name too: bundlers disagree about what the
 * default of a CommonJS module is.
 */
export const hookAgent: HookAgent = {
  get sessionId() {
    return agent().sessionId;
  },
  connection: () => agent().connection(),
  logAction: (...call) => agent().logAction(...call),
  logResponse: (...call) => agent().logResponse(...call),
  updateState: (...call) => agent().updateState(...call),
  addGoal: (...call) => agent().addGoal(...call),
  updateGoal: (...call) => agent().updateGoal(...call),
  spawnAgent: (...call) => agent().spawnAgent(...call),
  completeAgent: (...call) => agent().completeAgent(...call),
  updateMetadata: (...call) => agent().updateMetadata(...call),
  logEntry: (...call) => agent().logEntry(...call),
  finalize: (...call) => agent().finalize(...call),
  flush: (options) => agent().flush(options),
  close: (options) => agent().close(options),
  stats: () => agent().stats(),
};
/** @alias */
export default hookAgent;
