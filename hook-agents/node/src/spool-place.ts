import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where spools go unless told: `~/.local/state/agent-sessions/spool`, which outlives the process and,
 * where home is a volume, the container; in a container whose home can't be written, a folder in the temporary one.
 */
export function defaultSpoolDirectory(): string {
  try {
    const inHome = join(homedir(), ".local", "state", "agent-sessions", "spool");
    mkdirSync(inHome, { recursive: true, mode: 0o700 });
    accessSync(inHome, constants.W_OK);
    return inHome;
  } catch {
    return join(tmpdir(), `agent-sessions-spool-${process.getuid?.() ?? "user"}`);
  }
}
