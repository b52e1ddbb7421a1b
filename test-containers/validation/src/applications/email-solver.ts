import type { Checks } from "../checks.ts";
import type { Told } from "../told.ts";
import { detailsOf, familyOf, goalsOf } from "./recorded.ts";

interface ExpectedMail {
  readonly subject: string;
  readonly category: string;
  readonly nodes: readonly string[];
  /** Something that the answer has to say; undefined: it stays unanswered. */
  readonly answer?: string;
}

const straight = ["read", "classify", "extract", "drafter", "reviewer"];

/** By the name of the file in test-containers/email-solver/emails. */
export const mails: Readonly<Record<string, ExpectedMail>> = {
  "01-refund": {
    subject: "Refund for the returned coat, order 5120",
    category: "refund",
    nodes: straight,
    answer: "149.90 EUR",
  },
  "02-address": {
    subject: "Please send order 5188 to my new address in Orléans",
    category: "address",
    nodes: straight,
    answer: "Dear Zoë Laurent",
  },
  "03-invoice": {
    subject: "Invoice 2026-0917 has no VAT number",
    category: "invoice",
    nodes: straight,
    answer: "GB123456789",
  },
  "04-prize": {
    subject: "YOU HAVE BEEN SELECTED!!! Claim your 5,000 voucher now",
    category: "spam",
    nodes: ["read", "classify"],
  },
  "05-broken-grinder": {
    subject: "Re: Your order 5042 is on its way",
    category: "complaint",
    nodes: [...straight, "drafter", "reviewer"],
    answer: "We collect it from you",
  },
};

/** What test-containers/email-solver does with one mail. */
export function checkEmailSolver(checks: Checks, told: Told, mail: ExpectedMail): void {
  const { metadata, final, state, initial } = told.view;
  const { subject, category, nodes, answer } = mail;
  const isAnswered = answer !== undefined;
  checks.equals("it is completed", final?.status, "completed");
  checks.equals("it has the mail's subject", metadata.name, subject);
  checks.equals("its label is the category", metadata.labels["category"], category);
  checks.equals("its outcome is told", final?.outcome, { category, answered: isAnswered });
  checks.holds("it names the file", /^\d\d-.*\.eml$/.test(Object(initial).file));
  checks.equals("its state knows the mail", Object(state["mail"]).subject, subject);
  checks.equals(
    "each run of a node is an action",
    detailsOf(told, "node_run").map(({ node, outcome }) => [node, outcome]),
    nodes.map((node) => [node, "succeeded"]),
  );
  checks.equals(
    "each node asked its model",
    detailsOf(told, "model_call").map(({ node }) => node),
    nodes.filter((node) => node !== "read"),
  );
  checks.equals(
    "drafter and reviewer are agents",
    familyOf(told),
    nodes
      .filter((node) => node === "drafter" || node === "reviewer")
      .map((node) => `main > ${node} completed`),
  );
  checks.equals("its goal is added and settled", goalsOf(told), [
    "in_progress: Answer the mail",
    `${isAnswered ? "completed" : "cancelled"}: Answer the mail`,
  ]);
  const contents = told.responses.map(({ content }) => String(content));
  checks.holds(
    isAnswered ? "it is answered once, to the point" : "it is not answered",
    isAnswered ? contents.length === 1 && contents.join().includes(answer) : contents.length === 0,
    () => JSON.stringify(contents),
  );
  checks.equals("the answer is the session's end", final?.response, contents[0] ?? null);
}
