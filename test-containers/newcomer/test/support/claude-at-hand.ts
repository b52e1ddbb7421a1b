import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildSessionHook } from "../../../../hook-agents/claude-code/build.mjs";
import { freePort } from "../../../../hook-agents/claude-code/test/support/relay.ts";

export interface ClaudeAtHand {
  /** With a `claude` in the PATH that is the real CLI, with a prompt in the place of a person at a terminal. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the relay that the CLI has left running. */
  close(): Promise<void>;
}

/** Makes of `folder` what a checkout is after `npm run build`, as far as Claude Code needs it. */
export async function prepareClaude(
  folder: string,
  cli: string,
  modelUrl: string,
  prompt: string,
): Promise<ClaudeAtHand> {
  await buildSessionHook(join(folder, "hook-agents/claude-code/dist"));
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "claude"),
    `#!/bin/sh\nexec "$CLAUDE_CLI" -p --dangerously-skip-permissions "$@" "$CLAUDE_PROMPT" </dev/null\n`,
    { mode: 0o755 },
  );
  const port = await freePort();
  return {
    env: {
      PATH: `${bin}:${process.env["PATH"]}`,
      CLAUDE_CLI: cli,
      CLAUDE_PROMPT: prompt,
      ANTHROPIC_API_KEY: "dummy",
      ANTHROPIC_BASE_URL: modelUrl,
      CLAUDE_CONFIG_DIR: join(folder, ".claude"),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      // Without it the CLI refuses to skip permissions as root.
      IS_SANDBOX: "1",
      SESSION_HOOK_PORT: String(port),
    },
    async close() {
      const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
      if (answer) process.kill(((await answer.json()) as { pid: number }).pid, "SIGKILL");
    },
  };
}
