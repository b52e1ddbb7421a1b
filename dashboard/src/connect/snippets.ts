export interface Snippet {
  readonly name: string;
  /** Lines for a shell. */
  readonly shell: string;
  /** What they run, when that is a program of one's own. */
  readonly program?: { readonly file: string; readonly text: string };
}

const nodeProgram = `import { createHookAgent } from "@sessions/hook-agent";

const agent = createHookAgent();
agent.logAction({ type: "task_start", details: { task: "try it" } });
`;
const agentSdkProgram = `import { query } from "@anthropic-ai/claude-agent-sdk";
import { createSessionStore } from "@sessions/agent-sdk";

const sessionStore = createSessionStore();
for await (const message of query({ prompt: "Say hello", options: { sessionStore } }))
  if (message.type === "result") console.log(message.result);
`;
const langGraphProgram = `import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { SessionCallbackHandler, SessionStoreSaver } from "@sessions/langgraph";

const graph = new StateGraph(Annotation.Root({ text: Annotation() }))
  .addNode("greet", () => ({ text: "hello" }))
  .addEdge(START, "greet")
  .addEdge("greet", END)
  .compile({ checkpointer: new SessionStoreSaver() });

const handler = new SessionCallbackHandler();
const configurable = { thread_id: "first" };
console.log(await graph.invoke({ text: "" }, { callbacks: [handler], configurable }));
`;
const pythonProgram = `from hook_agent import hook_agent

hook_agent.log_action({"type": "task_start", "details": {"task": "try it"}})
`;

/** Stands for the folder of the reader's checkout. */
export const storeFolder = "~/agent-session-store";

/** What a newcomer copies: all of it works as it stands, but for that folder. */
export function snippetsFor(origin: string, needsKey: boolean): readonly Snippet[] {
  const key = needsKey ? `-H "authorization: Bearer $KEY" ` : "";
  const json = `-H 'content-type: application/json'`;
  const service = `SESSION_SERVICE_URL=${origin}${needsKey ? " SESSION_TOKEN=$KEY" : ""}`;
  const store = `STORE=${storeFolder}  # its folder, after npm run build\n`;
  const run = (session: string, command: string) => `${service} SESSION_ID=${session} ${command}`;
  const node = (folder: string, more = "") =>
    `${store}npm install $STORE/hook-agents/${folder}/dist${more}\n`;
  return [
    {
      name: "curl",
      shell: `curl ${key}${json} -d '{"sessionId":"first","userId":"me"}' ${origin}/api/sessions
curl ${key}${json} -d '{"type":"task_start","details":{"task":"try it"}}' ${origin}/api/actions/first`,
    },
    {
      name: "Claude Code",
      shell: `${store}export ${service}
claude --settings "$(node $STORE/hook-agents/claude-code/dist/session-hook.mjs settings)"`,
    },
    {
      name: "Agent SDK",
      shell: `${node("agent-sdk", " @anthropic-ai/claude-agent-sdk")}${run("first-sdk", "node agent.mjs")}`,
      program: { file: "agent.mjs", text: agentSdkProgram },
    },
    {
      name: "LangGraph",
      shell: `${node("langgraph", " @langchain/langgraph @langchain/core")}${run("first-graph", "node agent.mjs")}`,
      program: { file: "agent.mjs", text: langGraphProgram },
    },
    {
      name: "Node",
      shell: `${node("node")}${run("first-node", "node agent.mjs")}`,
      program: { file: "agent.mjs", text: nodeProgram },
    },
    {
      name: "Python",
      // It needs nothing but Python: no install, which many systems forbid.
      shell: `${store}${run("first-python", "PYTHONPATH=$STORE/hook-agents/python/src python3 agent.py")}`,
      program: { file: "agent.py", text: pythonProgram },
    },
  ];
}
