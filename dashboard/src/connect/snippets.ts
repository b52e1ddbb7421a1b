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

const storeLine = `STORE=${storeFolder}  # its folder, after npm run build\n`;
const serviceOf = (origin: string, needsKey: boolean) =>
  `SESSION_SERVICE_URL=${origin}${needsKey ? " SESSION_TOKEN=$KEY" : ""}`;
const sessionHook = "node $STORE/hook-agents/claude-code/dist/session-hook.mjs";

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/g;

/** For a POSIX shell; without what would end a terminal's paste and run the rest. */
export const quote = (text: string): string =>
  `'${text.replace(control, "").replaceAll("'", `'\\''`)}'`;

export interface Resumed {
  readonly sessionId: string;
  /** Claude's own id of it. */
  readonly claudeSession: string;
  readonly workingDirectory: string | null;
}

/** Brings a session of Claude Code to whatever machine it is run on, and goes on there, recorded as before. */
export function resumeLines(origin: string, needsKey: boolean, resumed: Resumed): string {
  const { sessionId, claudeSession, workingDirectory } = resumed;
  const there = workingDirectory === null ? "" : `cd ${quote(workingDirectory)} && `;
  return `${storeLine}export ${serviceOf(origin, needsKey)}
${there}${sessionHook} restore ${quote(sessionId)} &&
  claude --settings "$(${sessionHook} settings)" --resume ${quote(claudeSession)}
`;
}

/** What a newcomer copies: all of it works as it stands, but for that folder. */
export function snippetsFor(origin: string, needsKey: boolean): readonly Snippet[] {
  const key = needsKey ? `-H "authorization: Bearer $KEY" ` : "";
  const json = `-H 'content-type: application/json'`;
  const service = serviceOf(origin, needsKey);
  const run = (session: string, command: string) => `${service} SESSION_ID=${session} ${command}`;
  const node = (folder: string, more = "") =>
    `${storeLine}npm install $STORE/hook-agents/${folder}/dist${more}\n`;
  return [
    {
      name: "curl",
      shell: `curl ${key}${json} -d '{"sessionId":"first","userId":"me"}' ${origin}/api/sessions
curl ${key}${json} -d '{"type":"task_start","details":{"task":"try it"}}' ${origin}/api/actions/first`,
    },
    {
      name: "Claude Code",
      shell: `${storeLine}export ${service}
claude --settings "$(${sessionHook} settings)"`,
    },
    {
      name: "Agent SDK",
      shell: `${node("agent-sdk", " @anthropic-ai/claude-agent-sdk")}${service} node agent.mjs`,
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
      shell: `${storeLine}${run("first-python", "PYTHONPATH=$STORE/hook-agents/python/src python3 agent.py")}`,
      program: { file: "agent.py", text: pythonProgram },
    },
  ];
}
