import { type ChildProcess } from "node:child_process";
/** @returns the CLI's path, or why it can't be had */
export declare function installClaude(): Promise<
  | {
      path: string;
    }
  | {
      reason: string;
    }
>;
export interface ClaudeRun {
  readonly child: ChildProcess;
  /** The ids of the tools that the CLI says it called, in order, once it has ended. */
  readonly ended: Promise<{
    code: number | null;
    toolUseIds: string[];
    sessionId: string;
  }>;
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
export declare function runClaude({ command, args, cwd, modelUrl, env }: ClaudeOptions): ClaudeRun;
