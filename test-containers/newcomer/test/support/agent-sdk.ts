import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const installScript = fileURLToPath(
  new URL("../../../../scripts/install-agent-sdk.sh", import.meta.url),
);

/** @returns the folder that has the SDK in its node_modules, or why it can't be had */
export async function installAgentSdk(): Promise<{ path: string } | { reason: string }> {
  try {
    const { stdout } = await promisify(execFile)("sh", [installScript], { timeout: 180_000 });
    return { path: stdout.trim() };
  } catch (error) {
    return {
      reason: `the Claude Agent SDK can't be installed: ${String(error).split("\n", 1)[0]}`,
    };
  }
}

/**
 * Makes of `folder` what it is after `npm install @anthropic-ai/claude-agent-sdk`, with the CLI as its binary.
 * @returns the environment in which it needs no network beyond the model
 */
export function prepareAgentSdk(
  folder: string,
  sdk: string,
  cli: string,
  modelUrl: string,
): Record<string, string> {
  const scope = join(folder, "node_modules/@anthropic-ai");
  const name = `claude-agent-sdk-${process.platform}-${process.arch}`;
  cpSync(
    join(sdk, "node_modules/@anthropic-ai/claude-agent-sdk"),
    join(scope, "claude-agent-sdk"),
    {
      recursive: true,
    },
  );
  mkdirSync(join(scope, name));
  writeFileSync(join(scope, name, "package.json"), JSON.stringify({ name, version: "0.0.0" }));
  symlinkSync(cli, join(scope, name, "claude"));
  return {
    ANTHROPIC_API_KEY: "dummy",
    ANTHROPIC_BASE_URL: modelUrl,
    CLAUDE_CONFIG_DIR: join(folder, ".claude-sdk"),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  };
}
