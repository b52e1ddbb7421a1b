import { Annotation } from "@langchain/langgraph";

/** A mail on its way through the pipeline. */
export const Mail = Annotation.Root({
  /** As it came, RFC 5322. */
  raw: Annotation<string>(),
  from: Annotation<string>(),
  subject: Annotation<string>(),
  text: Annotation<string>(),
  category: Annotation<string>(),
  facts: Annotation<Record<string, string>>(),
  draft: Annotation<string>(),
  /** What the reviewer wants changed; empty: the draft is the answer. */
  objection: Annotation<string>({ reducer: (_before, after) => after, default: () => "" }),
});
export type MailState = typeof Mail.State;

export const spam = "spam";
