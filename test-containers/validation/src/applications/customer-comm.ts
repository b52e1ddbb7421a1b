import type { Checks } from "../checks.ts";
import type { Told } from "../told.ts";
import { detailsOf, familyOf, goalsOf } from "./recorded.ts";

/** What test-containers/customer-comm does with its letter. */
export function checkCustomerComm(checks: Checks, told: Told): void {
  const { final, initial, metadata } = told.view;
  checks.equals("it is completed", final?.status, "completed");
  checks.equals("it has the letter's subject", metadata.name, letter.subject);
  checks.holds("it keeps the letter", JSON.stringify(initial).includes("order 4711"));
  checks.equals("the specialists are the governor's, one failed and came again", familyOf(told), [
    "main > governor completed",
    "governor > orders completed",
    "governor > billing failed",
    "governor > billing completed",
    "governor > writer completed",
  ]);
  const [shipped, paid, reply] = letter.goals;
  checks.equals("the goals are added, begun and completed one after another", goalsOf(told), [
    ...letter.goals.map((goal) => `pending: ${goal}`),
    ...[shipped, paid, reply].flatMap((goal) => [`in_progress: ${goal}`, `completed: ${goal}`]),
  ]);
  checks.equals(
    "each run of a node is an action",
    detailsOf(told, "node_run").map(({ node, outcome }) => `${String(node)} ${String(outcome)}`),
    [
      "governor succeeded",
      "orders succeeded",
      "governor succeeded",
      "billing failed",
      "billing succeeded",
      "governor succeeded",
      "writer succeeded",
      "governor succeeded",
    ],
  );
  checks.equals(
    "the tools are there, the failure with its reason",
    detailsOf(told, "tool_use").map(({ tool, outcome, error }) => [tool, outcome, error]),
    [
      ["find_order", "succeeded", undefined],
      ["find_payments", "failed", "the ledger did not answer within 2 s"],
      ["find_payments", "succeeded", undefined],
    ],
  );
  checks.equals(
    "the models' calls are their callers'",
    detailsOf(told, "model_call").map(({ node }) => node),
    ["governor", "orders", "billing", "writer"],
  );
  const [response] = told.responses;
  checks.equals("there is one answer", told.responses.length, 1);
  checks.holds("it is the writer's", String(response?.["content"]).startsWith("Dear Ada Moreau,"));
  checks.equals("it is the session's end", final?.response, response?.["content"]);
}

const letter = {
  subject: "Order 4711: a lamp is missing, and I paid twice",
  goals: [
    "Find out what was shipped of order 4711",
    "Find out what Ada Moreau paid twice",
    "Tell Ada Moreau what happens now",
  ],
};
