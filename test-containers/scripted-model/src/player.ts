import { findPlace, type MessagesRequest } from "./conversation.ts";
import type { Answer, Failure, Rule, ToolCall } from "./script.ts";

/** What to answer, and which step it is: -1 when no script says anything. */
export interface Move {
  step: number;
  play: ToolCall | readonly ToolCall[] | Answer | Failure;
}

/** @param conversation names the caller: its session, and its agent inside a subagent */
export type Player = (request: MessagesRequest, conversation: string) => Move;

const isFailure = (step: Move["play"]): step is Failure => "status" in step;

/** Failures are the only thing remembered: they leave no assistant message to count. */
export function createPlayer(rules: readonly Rule[]): Player {
  const failed = new Map<string, number>();

  return (request, conversation) => {
    const place = findPlace(request, rules);
    if (!place) return { step: -1, play: { text: "No script." } };
    // The CLI asks without tools for titles and summaries: not a step of the script.
    if (!request.tools?.length) return { step: -1, play: { text: "A scripted session" } };
    let answers = 0;
    for (const [step, play] of place.steps.entries()) {
      if (isFailure(play)) {
        if (answers < place.answered) continue;
        const key = `${conversation} ${request.messages.length} ${step}`;
        const times = failed.get(key) ?? 0;
        if (times >= (play.times ?? Infinity)) continue;
        failed.set(key, times + 1);
        return { step, play };
      }
      if (answers === place.answered) return { step, play };
      answers += 1;
    }
    return { step: place.steps.length, play: { text: "The script is over." } };
  };
}
