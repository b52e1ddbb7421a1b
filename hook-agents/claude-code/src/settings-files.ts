import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** With our hooks in them: where the CLI of a container looks for settings that no project can turn off. */
export const dropIns = () =>
  [
    "/etc/claude-code/managed-settings.d/session-hook.json",
    "/etc/claude-code/managed-settings.json",
  ].filter(hasOurHooks);

/** With our hooks in them: the user's and the project's settings. */
export const ownSettings = () =>
  [join(homedir(), ".claude", "settings.json"), join(".claude", "settings.json")].filter(
    hasOurHooks,
  );

function hasOurHooks(path: string): boolean {
  try {
    return readFileSync(path, "utf8").includes("session-hook");
  } catch {
    // Not there, or not for us to read.
    return false;
  }
}
