import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, it } from "vitest";

const policy = fileURLToPath(new URL("../../claude-code/policy/policy.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "policy-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As the CLI runs a PreToolUse hook. */
function decide(tool: string, input: object, program = policy) {
  const call = JSON.stringify({ tool_name: tool, tool_input: input });
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    input: call,
    encoding: "utf8",
  });
  const answer = stdout === "" ? undefined : (JSON.parse(stdout) as Answer);
  return { status, stderr, decision: answer?.hookSpecificOutput.permissionDecision };
}
interface Answer {
  hookSpecificOutput: { permissionDecision: string };
}

describe("the policy of the example", () => {
  it.each([
    ["Bash", { command: "ls && rm -rf build" }, "deny"],
    ["Bash", { command: "echo form -r" }, "allow"],
    ["Read", { file_path: "/home/node/project/.env" }, "deny"],
    ["Edit", { file_path: "/home/node/.claude/settings.json" }, "deny"],
    ["Bash", { command: "echo {} > /opt/policy/policy.json" }, "deny"],
    ["WebFetch", { url: "https://example.com" }, "ask"],
    ["Write", { file_path: "/home/node/project/a.txt", content: "" }, "allow"],
    ["TaskCreate", { subject: "s" }, undefined],
  ])("decides about %s of %o: %s", (tool, input, decision) => {
    expect(decide(tool, input)).toEqual({ status: 0, stderr: "", decision });
  });

  it.each([
    ["no JSON", "{"],
    ["without rules", "{}"],
    ["with an expression that is none", '{"rules":[{"tool":"("}]}'],
  ])("lets no call through when its rules are %s", (_name, rules) => {
    const program = join(folder, "policy.mjs");
    copyFileSync(policy, program);
    writeFileSync(join(folder, "policy.json"), rules);

    // Only this exit code blocks.
    expect(decide("Bash", { command: "ls" }, program)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no policy, no call") as string,
      decision: undefined,
    });
  });
});
