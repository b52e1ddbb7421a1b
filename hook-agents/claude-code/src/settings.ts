/** One hook of the CLI's settings; `timeout` is in seconds. */
type Hook =
  | { type: "command"; command: string; timeout: number }
  | { type: "http"; url: string; timeout: number };

export interface Settings {
  hooks: Record<string, { hooks: Hook[] }[]>;
}

/**
 * SessionStart never fires over http. UserPromptSubmit goes the same way, so that a relay that was killed
 * is back with the next prompt.
 */
const byCommand = ["SessionStart", "UserPromptSubmit"];

/** Only hooks that observe: none whose answer steers the CLI, such as WorktreeCreate. */
const byHttp = [
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PostToolBatch",
  "PermissionRequest",
  "PermissionDenied",
  "Notification",
  "SubagentStart",
  "SubagentStop",
  "Stop",
  "StopFailure",
  "PreCompact",
  "PostCompact",
  "TaskCreated",
  "TaskCompleted",
  "CwdChanged",
  "PostModelSwitch",
  "SessionEnd",
];

/** Without a timeout a hanging hook blocks the agent for 600 s. */
const timeoutSeconds = 2;
/** A command may have to start the relay; SessionEnd hooks get 1.5 s in all unless one asks for more. */
const longTimeoutSeconds = 5;

/** @param program what runs this program in a shell, such as `node /opt/session-hook.mjs` */
export function createSettings(port: number, program: string): Settings {
  const url = `http://127.0.0.1:${port}/hook`;
  const command: Hook = {
    type: "command",
    command: `${program} start`,
    timeout: longTimeoutSeconds,
  };
  const http = (event: string): Hook => ({
    type: "http",
    url,
    timeout: event === "SessionEnd" ? longTimeoutSeconds : timeoutSeconds,
  });
  return {
    hooks: Object.fromEntries([
      ...byCommand.map((event) => [event, [{ hooks: [command] }]]),
      ...byHttp.map((event) => [event, [{ hooks: [http(event)] }]]),
    ]),
  };
}
