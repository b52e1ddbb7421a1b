import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { createHookAgent } from "@sessions/hook-agent";

import { SessionCallbackHandler, SessionStoreSaver } from "../../src/main.ts";

/** Three steps; HANG_IN names the one that never ends. Tells on standard output what it does. */
const say = (text: string) => process.stdout.write(`${text}\n`);
const agent = createHookAgent();
const State = Annotation.Root({
  task: Annotation<string>(),
  done: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
});

const step = (name: string) => async () => {
  if (name === process.env["HANG_IN"]) {
    if (process.env["SEND_FIRST"] === "yes") await agent.flush({ timeoutMs: 10_000 });
    say(`hangs in ${name}`);
    await new Promise(() => setInterval(() => {}, 60_000));
  }
  say(`does ${name}`);
  return { done: [name] };
};

const graph = new StateGraph(State)
  .addNode("first", step("first"))
  .addNode("second", step("second"))
  .addNode("third", step("third"))
  .addEdge(START, "first")
  .addEdge("first", "second")
  .addEdge("second", "third")
  .compile({ checkpointer: new SessionStoreSaver({ agent }) });

const config = {
  configurable: { thread_id: "job" },
  callbacks: [new SessionCallbackHandler({ agent })],
  durability: "sync" as const,
};
const { next } = await graph.getState(config);
const input = next.length > 0 ? null : { task: "write the letter" };
const { task, done } = await graph.invoke(input, config);
say(`${task}: ${done.join(", ")}`);
await agent.flush({ timeoutMs: 10_000 });
process.exit(0);
