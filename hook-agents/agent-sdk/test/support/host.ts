import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";
import type { AgentSdk } from "./agent-sdk.ts";
import { type Program, startProgram } from "./program.ts";

export interface HostOptions {
  readonly sdk: AgentSdk;
  readonly cli: string;
  readonly modelUrl: string;
  readonly serviceUrl: string;
  /** The working directory gives the project its key, so that it is the same on every host. */
  readonly cwd: string;
  /** As a volume that outlives the container; a fresh one unless told. */
  readonly spoolDirectory?: string;
  /** Empty and its own unless told. */
  readonly home?: string;
}

/** Runs the real SDK on a host with an empty home, without a network beyond the model, and without a key. */
export function ask(
  {
    sdk,
    cli,
    modelUrl,
    serviceUrl,
    cwd,
    spoolDirectory = temporaryDirectory(),
    home = temporaryDirectory(),
  }: HostOptions,
  environment: {
    PROMPT: string;
    RESUME?: string;
    FLUSH?: string;
    CONTINUE?: string;
    /** JSON for the CLI's `--settings`. */
    SETTINGS?: string;
    SESSION_HOOK_PORT?: string;
  },
): Program {
  mkdirSync(join(home, "config"), { recursive: true });
  return startProgram(
    "asks",
    {
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, "config"),
      SDK_FILE: sdk.file,
      CLAUDE_CLI: cli,
      SESSION_SERVICE_URL: serviceUrl,
      SESSION_SPOOL_DIR: spoolDirectory,
      ANTHROPIC_API_KEY: "dummy",
      ANTHROPIC_BASE_URL: modelUrl,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      // Without it the CLI refuses to skip permissions as root.
      IS_SANDBOX: "1",
      ...environment,
    },
    { cwd },
  );
}

export interface SdkMessage {
  type: string;
  subtype?: string;
  session_id?: string;
  result?: string;
  error?: string;
}

export const messagesOf = ({ lines }: Program): SdkMessage[] =>
  lines.map((line) => JSON.parse(line) as SdkMessage);
