import { mkdirSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * Where spools go unless told: `~/.local/state/agent-sessions/spool`, which outlives the process and,
 * where home is a volume, the container; in a container whose home can't be written, a folder in the temporary one.
 */
export function defaultSpoolDirectory(): string {
  const inHome = join(homedir(), ".local", "state", "agent-sessions", "spool");
  try {
    mkdirSync(inHome, { recursive: true, mode: 0o700 });
    return inHome;
  } catch {
    return join(tmpdir(), `agent-sessions-spool-${userInfo().uid}`);
  }
}
