import { createSessionStore } from "../../src/main.ts";
import type { FoldSessionSummary, SessionStore } from "../../src/main.ts";

interface Sdk {
  foldSessionSummary: FoldSessionSummary;
  query(call: { prompt: string; options: object }): AsyncIterable<Record<string, unknown>>;
}
const env = (name: string) => process.env[name] ?? "";

const sdk = (await import(env("SDK_FILE"))) as Sdk;
const sessionStore: SessionStore = createSessionStore({
  foldSessionSummary: sdk.foldSessionSummary,
});
const options = {
  cwd: process.cwd(),
  env: process.env,
  pathToClaudeCodeExecutable: env("CLAUDE_CLI"),
  permissionMode: "bypassPermissions",
  allowDangerouslySkipPermissions: true,
  sessionStore,
  sessionStoreFlush: env("FLUSH") || "batched",
  ...(env("SETTINGS") && { extraArgs: { settings: env("SETTINGS") } }),
  ...(env("RESUME") && { resume: env("RESUME") }),
  ...(env("CONTINUE") && { continue: true }),
};
for await (const message of sdk.query({ prompt: env("PROMPT"), options }))
  process.stdout.write(`${JSON.stringify(message)}\n`);
// Nothing is flushed here: what a program leaves to the end is sent at the end.
