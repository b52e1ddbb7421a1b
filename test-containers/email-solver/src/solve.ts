import { readFile } from "node:fs/promises";

import type { HookAgent } from "@sessions/hook-agent";
import { SessionCallbackHandler } from "@sessions/langgraph";

import { type MailState, spam } from "./mail.ts";
import type { Models } from "./models.ts";
import { createPipeline } from "./pipeline.ts";

/**
 * Takes one mail through the pipeline, in a session of its own.
 * @param mail its file
 * @returns whether it went well
 */
export async function solve(
  mail: URL,
  loadModels: () => Promise<Models>,
  agent: HookAgent,
): Promise<boolean> {
  const goal = agent.addGoal({ description: "Answer the mail", status: "in_progress" });
  const handler = new SessionCallbackHandler({
    agent,
    agents: ["drafter", "reviewer"],
    answerOf: (state) => (state as MailState).draft,
  });
  try {
    const { from, subject, category, draft } = await createPipeline(await loadModels()).invoke(
      { raw: await readFile(mail, "utf8") },
      { callbacks: [handler], recursionLimit: 12 },
    );
    const isSpam = category === spam;
    agent.updateMetadata({ name: subject.slice(0, 500), labels: { category } });
    agent.updateState({ mail: { from, subject, category } });
    agent.updateGoal(goal.goalId, { status: isSpam ? "cancelled" : "completed" });
    agent.finalize({ outcome: { category, answered: !isSpam }, ...(draft && { response: draft }) });
    return true;
  } catch (error) {
    agent.updateGoal(goal.goalId, { status: "blocked" });
    agent.finalize({ status: "error", outcome: { error: String(error) } });
    return false;
  }
}
