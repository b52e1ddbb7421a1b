import { findScript, type Rule, type Step } from "./script.ts";

/** The part of a Messages API request that decides the answer. */
export interface MessagesRequest {
  model: string;
  stream?: boolean;
  tools?: readonly unknown[];
  messages: readonly Message[];
}
interface Message {
  role: string;
  content: string | readonly { type: string; text?: string }[];
}

/** Where a conversation stands in its script. */
export interface Place {
  steps: readonly Step[];
  /** Answers given since the prompt that brought the script. */
  answered: number;
}

/**
 * The last prompt that brings a script, or matches a rule, counts. The place in it is the number of
 * assistant messages since, so the model keeps no state and a resumed session simply goes on.
 */
export function findPlace(request: MessagesRequest, rules: readonly Rule[]): Place | undefined {
  for (let index = request.messages.length - 1; index >= 0; index -= 1) {
    const message = request.messages[index];
    if (message?.role !== "user") continue;
    const prompt = promptOf(message);
    if (prompt === "") continue;
    const steps = findScript(prompt) ?? rules.find((rule) => prompt.includes(rule.match))?.steps;
    if (steps) return { steps, answered: countAnswers(request.messages.slice(index + 1)) };
  }
  return undefined;
}

/** Tool results are not a prompt, and neither is what the CLI adds around one. */
function promptOf({ content }: Message): string {
  if (typeof content === "string") return isReminder(content) ? "" : content;
  return content
    .filter((block) => block.type === "text")
    .map((block) => block.text ?? "")
    .filter((text) => !isReminder(text))
    .join("\n");
}
const isReminder = (text: string) => text.trimStart().startsWith("<system-reminder>");

const countAnswers = (messages: readonly Message[]) =>
  messages.filter((message) => message.role === "assistant").length;
