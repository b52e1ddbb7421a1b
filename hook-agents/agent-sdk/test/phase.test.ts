import { expect, it } from "vitest";

import type { SessionStoreEntry } from "../src/api.ts";
import { phaseAfter } from "../src/phase.ts";

const said = (stop_reason: string | null, ...content: object[]): SessionStoreEntry => ({
  type: "assistant",
  message: { content, stop_reason },
});
const asked = (content: unknown, more: object = {}): SessionStoreEntry => ({
  type: "user",
  message: { content },
  ...more,
});
const text = { type: "text", text: "hello" };
const call = { type: "tool_use", name: "Bash" };
const thought = { type: "thinking", thinking: "hm" };

it.each<[string, SessionStoreEntry[], string | undefined]>([
  ["a prompt", [asked("go")], "running"],
  ["a prompt and what comes with it", [asked([text]), { type: "attachment" }], "running"],
  ["a call", [asked("go"), said("tool_use", call)], "running"],
  ["text before a call that is not there yet", [said("tool_use", thought)], "running"],
  ["a result", [asked([{ type: "tool_result" }])], "running"],
  ["a paused turn", [said("pause_turn", text)], "running"],
  ["an answer", [asked("go"), said("end_turn", text), { type: "last-prompt" }], "idle"],
  ["an answer without a reason", [said(null, text)], "idle"],
  ["an answer that is empty", [said("end_turn")], "idle"],
  ["an error of the API", [{ ...said("stop_sequence", text), isApiErrorMessage: true }], "idle"],
  ["an interruption", [asked([{ type: "text", text: "[Request interrupted by user]" }])], "idle"],
  ["an interruption as text", [asked("[Request interrupted by user for tool use]")], "idle"],
  ["the CLI's end", [asked([{ type: "tool_result" }]), { type: "cost-state" }], "idle"],
  ["a caveat of the CLI's own", [asked("caveat", { isMeta: true })], undefined],
  ["a summary", [said("end_turn", text), asked("so far", { isCompactSummary: true })], "idle"],
  ["a title", [{ type: "custom-title", customTitle: "x" }], undefined],
  ["members of another shape", [asked({ odd: true }), { type: "assistant" }], "idle"],
  ["nothing", [], undefined],
])("says after %s whether the turn goes on", (_what, entries, phase) => {
  expect(phaseAfter(entries)).toBe(phase);
});
