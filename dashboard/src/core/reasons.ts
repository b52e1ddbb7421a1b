import { plainLine } from "./plain.ts";

const reasons: Readonly<Record<string, string>> = {
  permission_request: "asks permission",
  permission_prompt: "asks permission",
  worker_permission_prompt: "asks permission",
  agent_needs_input: "needs input",
  elicitation_dialog: "asks a question",
  idle_prompt: "waits for a prompt",
  server_error: "the model could not be reached",
  /** Claude Code's word for an end that is as it should be. */
  other: "",
  process_gone: "its process is gone",
};

/** Why a session waits, failed or ended, in words; an unknown reason as it was recorded. */
export function wordsOf(reason: string): string {
  return Object.hasOwn(reasons, reason)
    ? (reasons[reason] ?? reason)
    : plainLine(reason.replaceAll("_", " "), 80);
}
