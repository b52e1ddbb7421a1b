import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const installScript = fileURLToPath(
  new URL("../../../../scripts/install-claude.sh", import.meta.url),
);

/** @returns the CLI's path, or why it can't be had */
export async function installClaude(): Promise<{ path: string } | { reason: string }> {
  try {
    const { stdout } = await promisify(execFile)("sh", [installScript], { timeout: 180_000 });
    return { path: stdout.trim() };
  } catch (error) {
    return { reason: `the Claude Code CLI can't be installed: ${String(error).split("\n", 1)[0]}` };
  }
}

export interface ClaudeRun {
  readonly child: ChildProcess;
  /** The ids of the tools that the CLI says it called, in order, once it has ended. */
  readonly ended: Promise<{ code: number | null; toolUseIds: string[]; sessionId: string }>;
}

export interface ClaudeOptions {
  /** The program and its arguments up to those of the CLI. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly cwd: string;
  readonly modelUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Without a network beyond the scripted model, and without a key. */
export function runClaude({ command, args, cwd, modelUrl, env }: ClaudeOptions): ClaudeRun {
  const [file = "", ...before] = command;
  const format = ["-p", "--output-format", "stream-json", "--verbose"];
  const child = spawn(file, [...before, ...format, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      ANTHROPIC_API_KEY: "dummy",
      ANTHROPIC_BASE_URL: modelUrl,
      CLAUDE_CONFIG_DIR: `${cwd}/.claude`,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_ENABLE_TODO_TOOLS: "1",
      DISABLE_AUTOUPDATER: "1",
      // Without it the CLI refuses to skip permissions as root.
      IS_SANDBOX: "1",
      ...env,
    },
  });
  return { child, ended: follow(child) };
}

async function follow(child: ChildProcess): ClaudeRun["ended"] {
  if (!child.stdout) throw new Error("the CLI has no stdout");
  const exit = once(child, "exit") as Promise<[number | null]>;
  const toolUseIds: string[] = [];
  let sessionId = "";
  for await (const line of createInterface(child.stdout)) {
    const { type, session_id, message } = JSON.parse(line) as StreamLine;
    if (session_id !== undefined) sessionId = session_id;
    if (type !== "assistant") continue;
    for (const block of message?.content ?? [])
      if (block.type === "tool_use" && block.id) toolUseIds.push(block.id);
  }
  const [code] = await exit;
  return { code, toolUseIds, sessionId };
}

interface StreamLine {
  type: string;
  session_id?: string;
  message?: { content?: { type: string; id?: string }[] };
}
