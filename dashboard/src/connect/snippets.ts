export interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** What a newcomer copies; each line works as it stands in a checkout with `npm run build` done. */
export function snippetsFor(origin: string, needsKey: boolean): readonly Snippet[] {
  const key = needsKey ? `-H "authorization: Bearer $KEY" ` : "";
  const token = needsKey ? "SESSION_TOKEN=$KEY " : "";
  const env = `SESSION_SERVICE_URL=${origin} ${token}`;
  const json = `-H 'content-type: application/json'`;
  return [
    {
      name: "curl",
      text: `curl ${key}${json} -d '{"sessionId":"first","userId":"me"}' ${origin}/api/sessions
curl ${key}${json} -d '{"type":"task_start","details":{"task":"try it"}}' ${origin}/api/actions/first`,
    },
    {
      name: "Claude Code",
      text: `export ${env.trim()}
claude --settings "$(node hook-agents/claude-code/dist/session-hook.mjs settings)"`,
    },
    {
      name: "Node",
      text: `import { createHookAgent } from "@sessions/hook-agent";
// ${env}SESSION_ID=first node agent.mjs
const agent = createHookAgent();
agent.logAction({ type: "task_start", details: { task: "try it" } });`,
    },
    {
      name: "Python",
      text: `import json, os, urllib.request
def post(path, body):
    request = urllib.request.Request("${origin}" + path, json.dumps(body).encode(), {"content-type": "application/json"${needsKey ? ', "authorization": "Bearer " + os.environ["KEY"]' : ""}})
    return json.load(urllib.request.urlopen(request))
post("/api/sessions", {"sessionId": "first"})
post("/api/actions/first", {"type": "task_start", "details": {"task": "try it"}})`,
    },
  ];
}
