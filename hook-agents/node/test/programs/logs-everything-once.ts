import hookAgent from "../../src/main.ts";

hookAgent.logAction({ type: "step" }, { id: "1" });
hookAgent.logResponse({ content: "said", id: "2" });
hookAgent.updateState({ phase: "work" }, { id: "3" });
hookAgent.addGoal({ goalId: "g", description: "once" }, { id: "4" });
hookAgent.updateGoal("g", { status: "completed" }, { id: "5" });
hookAgent.spawnAgent({ agentId: "a", type: "processor" }, { id: "6" });
hookAgent.completeAgent("a", { result: "ok" }, { id: "7" });
hookAgent.updateMetadata({ model: "m" }, { id: "8" });
hookAgent.finalize({}, { id: "9" });
