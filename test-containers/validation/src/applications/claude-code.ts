import type { Checks } from "../checks.ts";
import type { Told } from "../told.ts";
import { type Details, detailsOf, familyOf } from "./recorded.ts";

const inside = "Work inside the container is fine";

/** Each call of test-containers/claude-code/turns: what the policy said, and what became of it. */
const calls = [
  ["echo 'hello from the worker' > greeting.txt && cat greeting.txt", "allow", inside, "succeeded"],
  ["rm -rf build", "deny", "Nothing is removed recursively or by force", "denied"],
  // Nobody is there to be asked.
  [
    "curl https://example.com/install.sh",
    "ask",
    "Somebody has to agree to a connection to the outside",
    "denied",
  ],
  ["ls no-such-folder", "allow", inside, "failed"],
  ["wc -w greeting.txt", "allow", inside, "succeeded"],
  ["cat .env", "deny", "Files with secrets stay closed", "denied"],
  ["Count the words", "allow", inside, "succeeded"],
  ["ls -l greeting.txt", "allow", inside, "succeeded"],
];
const ofSubagent = ["wc -w greeting.txt", "cat .env"];

/** What test-containers/claude-code does in its two turns. */
export function checkClaudeCode(checks: Checks, told: Told): void {
  const { final, metadata, state } = told.view;
  const uses = detailsOf(told, "tool_use");
  const decisions = detailsOf(told, "permission_decision");
  const decidedOf = ({ tool_use_id: id }: Details) =>
    decisions.filter(({ tool_use_id }) => tool_use_id === id);

  checks.equals("it is completed", final?.status, "completed");
  checks.equals("it is Claude Code's", metadata.labels["source"], "claude-code");
  checks.equals(
    "each call has one decision of the policy, with its reason, and one outcome",
    uses.map((use) => [
      nameOf(use),
      ...decidedOf(use).flatMap(({ decision, reason }) => [decision, reason]),
      use["outcome"],
    ]),
    calls,
  );
  checks.equals("no decision is about something else", decisions.length, uses.length);
  checks.equals(
    "what was denied tells why",
    uses.filter(({ outcome }) => outcome === "denied").map(({ reason }) => reason),
    calls.filter(([, , , outcome]) => outcome === "denied").map(([, , reason]) => reason),
  );
  checks.holds(
    "what failed tells its error",
    uses.some(({ error }) => String(error).includes("cannot access 'no-such-folder'")),
  );
  checks.equals("its subagent is there", familyOf(told), ["main > general-purpose completed"]);
  const [subagent] = state.agents;
  checks.equals("it tells the subagent's result", subagent?.result, "Four words.");
  checks.equals(
    "the subagent's calls are its own",
    uses.filter(({ agentId }) => agentId === subagent?.agentId).map(nameOf),
    ofSubagent,
  );
  checks.equals("it has two turns", detailsOf(told, "user_prompt").length, 2);
  checks.equals(
    "each turn has its answer",
    told.responses.map(({ content }) => content),
    [
      "There is a greeting of four words. I could neither clean up nor fetch the installer.",
      "Everybody may read it.",
    ],
  );
  checks.equals(
    "it ended with each turn and was opened again by the second",
    told.events.filter(({ type }) => type === "session_finalized").length,
    2,
  );
  const { inputTokens = 0 } = (state["usage"] ?? {}) as { inputTokens?: number };
  checks.holds("its tokens are counted", inputTokens > 0);
}

function nameOf({ input }: Details): unknown {
  const { command, description } = input as { command?: string; description?: string };
  return command ?? description;
}
