// A PreToolUse hook of Claude Code: decides about a call by the rules of policy.json. The first rule whose
// expressions match the tool's name and its input as JSON counts; without one the CLI's own rules hold.
import { readFileSync } from "node:fs";

try {
  const { tool_name, tool_input } = JSON.parse(readFileSync(0, "utf8"));
  const { rules } = JSON.parse(readFileSync(new URL("policy.json", import.meta.url), "utf8"));
  const matches = (expression, text) => new RegExp(expression ?? "").test(text);
  const rule = rules.find(
    ({ tool, input }) => matches(tool, tool_name) && matches(input, JSON.stringify(tool_input)),
  );
  if (rule)
    process.stdout.write(
      JSON.stringify({
        hookSpecificOutput: {
          hookEventName: "PreToolUse",
          permissionDecision: rule.decision,
          permissionDecisionReason: rule.reason,
        },
      }),
    );
} catch (error) {
  process.stderr.write(`no policy, no call: ${String(error)}`);
  // The code with which a hook blocks; any other one would let the call through.
  process.exitCode = 2;
}
