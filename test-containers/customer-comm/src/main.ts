import { readFile } from "node:fs/promises";

import { createHookAgent } from "@sessions/hook-agent";
import { SessionCallbackHandler } from "@sessions/langgraph";

import { type DeskState, specialists } from "./desk.ts";
import { createGraph } from "./graph.ts";
import { createModels } from "./models.ts";
import { createShop } from "./shop.ts";

const { LETTER_FILE, THINK_MS = "0" } = process.env;
const letter = await readFile(LETTER_FILE ?? new URL("../letter.txt", import.meta.url), "utf8");

// SESSION_ID, SESSION_SERVICE_URL and the key come from the environment.
const agent = createHookAgent({
  session: {
    name: /^Subject: (.*)$/m.exec(letter)?.[1] ?? "A letter",
    labels: { app: "customer-comm" },
    initial: { letter },
  },
});
const handler = new SessionCallbackHandler({
  agent,
  agents: specialists,
  governor: "governor",
  answerOf: (state) => (state as DeskState).reply,
});
const graph = createGraph({ models: createModels(Number(THINK_MS)), shop: createShop(), agent });

try {
  const { reply, reports } = await graph.invoke({ letter }, { callbacks: [handler] });
  agent.finalize({ outcome: { reports: reports.length }, response: reply });
  console.log(reply);
} catch (error) {
  agent.finalize({ status: "error", outcome: { error: String(error) } });
  console.error(error);
  process.exitCode = 1;
}

if (!(await agent.close({ timeoutMs: 30_000 }))) {
  console.error("the service did not answer; what it lacks is in the spool");
  process.exitCode = 1;
}
