import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import PostalMime from "postal-mime";

import type { MailState } from "./mail.ts";
import type { Models } from "./models.ts";

type Node = (state: MailState) => Promise<Partial<MailState>>;

export function createNodes(
  models: Models,
): Record<"read" | "classify" | "extract" | "drafter" | "reviewer", Node> {
  return {
    async read({ raw }) {
      const { from, subject = "(no subject)", text, html } = await PostalMime.parse(raw);
      return { from: from?.address ?? "unknown", subject, text: text ?? withoutTags(html ?? "") };
    },
    async classify(state) {
      const task = "Answer with one word: refund, address, invoice, complaint, other or spam.";
      return { category: (await ask(models.classify, task, state)).trim().toLowerCase() };
    },
    async extract(state) {
      const task = "Answer with a JSON object of the numbers, amounts and addresses in this mail.";
      return { facts: JSON.parse(await ask(models.extract, task, state)) as MailState["facts"] };
    },
    async drafter(state) {
      const { category, facts, objection } = state;
      const task = `Draft a reply. It is about: ${category}. Facts: ${JSON.stringify(facts)}. ${objection}`;
      return { draft: await ask(models.drafter, task, state) };
    },
    async reviewer(state) {
      const task = `Answer with "send", or with "revise: " and what is wrong with this reply: ${state.draft}`;
      const verdict = await ask(models.reviewer, task, state);
      return { objection: verdict === "send" ? "" : verdict };
    },
  };
}

async function ask(model: BaseChatModel, task: string, { subject, text }: MailState) {
  const answer = await model.invoke([
    new SystemMessage(task),
    new HumanMessage(`${subject}\n\n${text}`),
  ]);
  return answer.text;
}

/** Good enough for a model to read. */
function withoutTags(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
