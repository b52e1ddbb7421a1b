/**
 * Three scripted workers, so that a newcomer sees the fleet move: one works through its goals, one stops to
 * ask for permission, one delegates and fails. Everything goes through the Node hook agent, as a real worker's
 * records do. Their sessions carry the label `test: demo`; the page deletes what carries it with one click.
 *
 *   npx tsx scripts/demo.ts [URL]      ends after ten minutes, when its sessions are deleted, or the service is gone
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { type HookAgent, createHookAgent } from "@sessions/hook-agent";

const serviceUrl = process.argv[2] ?? "http://localhost:9000";
const runMs = 600_000;
const restMs = 6_000;

const spoolDirectory = await mkdtemp(join(tmpdir(), "session-demo-"));
const isOver = new AbortController();
const ends = setTimeout(() => isOver.abort(), runMs);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => isOver.abort());

interface Step {
  tool: string;
  summary: string;
  input: object;
  tookMs: number;
  outcome?: "failed";
}

const read = (path: string, tookMs = 900): Step => ({
  tool: "Read",
  summary: path,
  input: { file_path: path },
  tookMs,
});
const bash = (command: string, tookMs = 1_800, outcome?: "failed"): Step => ({
  tool: "Bash",
  summary: command,
  input: { command },
  tookMs,
  ...(outcome && { outcome }),
});

function createWorker(name: string, title: string, agent: HookAgent) {
  const usage = { inputTokens: 0, outputTokens: 0, costUsd: 0, contextTokens: 0 };
  let calls = 0;

  return {
    agent,
    begin(prompt: string) {
      agent.updateState({ phase: "working", waiting: null, heartbeatAt: new Date().toISOString() });
      agent.logAction({ type: "user_prompt", details: { prompt } });
    },
    async use({ tool, summary, input, tookMs, outcome }: Step, agentId?: string) {
      const since = new Date().toISOString();
      calls += 1;
      agent.updateState({ currentStep: { tool, summary, since } });
      await pause(tookMs, undefined, { signal: isOver.signal });
      agent.logAction({
        type: "tool_use",
        details: {
          tool,
          input,
          outcome: outcome ?? "succeeded",
          tool_use_id: `${name}-${calls}`,
          startedAt: since,
          durationMs: tookMs,
          ...(agentId !== undefined && { agentId }),
          ...(outcome === "failed" ? { error: "exit code 1" } : { output: `${summary}: done` }),
        },
      });
      usage.inputTokens += 2_400 + calls * 130;
      usage.outputTokens += 180;
      usage.costUsd = Math.round((usage.costUsd + 0.013) * 1_000) / 1_000;
      usage.contextTokens = 18_000 + calls * 2_600;
      agent.updateState({ currentStep: null, usage: { ...usage, contextWindow: 200_000 } });
    },
    answer(content: string) {
      agent.logResponse({ type: "assistant_message", content, title });
    },
  };
}
type Worker = ReturnType<typeof createWorker>;

async function write({ agent, begin, use, answer }: Worker): Promise<void> {
  begin("Bring the guide up to date with the last release.");
  const goals = ["Read what changed", "Rewrite the guide", "Check the links"].map(
    (description, index) =>
      agent.addGoal({ description, priority: index === 1 ? "high" : "medium" }),
  );
  const work = [
    [read("CHANGELOG.md"), read("docs/guide.md", 1_400)],
    [{ ...read("docs/guide.md"), tool: "Edit" }, bash("npm run docs:build", 2_600)],
    [bash("npm run docs:links", 3_000)],
  ];
  for (const [index, goal] of goals.entries()) {
    agent.updateGoal(goal.goalId, { status: "in_progress" });
    for (const step of work[index] ?? []) await use(step);
    agent.updateGoal(goal.goalId, { status: "completed" });
  }
  answer("The guide follows **the last release**. All links answer.");
  agent.finalize({ status: "completed", outcome: { reason: "done" } });
}

async function deploy({ agent, begin, use, answer }: Worker): Promise<void> {
  begin("Deploy the site when the tests pass.");
  await use(bash("npm test", 3_200));
  const command = "npm run deploy -- --production";
  agent.updateState({
    phase: "waiting",
    waiting: {
      reason: "permission_request",
      tool: "Bash",
      summary: command,
      since: new Date().toISOString(),
    },
  });
  await pause(20_000, undefined, { signal: isOver.signal });
  agent.updateState({ phase: "working", waiting: null });
  await use(bash(command, 4_000));
  answer("Deployed.");
  agent.finalize({ status: "completed", outcome: { reason: "done" } });
}

async function migrate({ agent, begin, use, answer }: Worker): Promise<void> {
  begin("Move the accounts to the new table.");
  const child = agent.spawnAgent({ type: "explorer", task: "Find who reads the old table" });
  await use(bash("grep -rn old_accounts src", 2_200), child.agentId);
  await use(read("src/accounts.ts"), child.agentId);
  agent.completeAgent(child.agentId, { result: "Three places" });
  await use(bash("npm run migrate", 5_000, "failed"));
  answer("The migration failed: the new table has a row that the old one lacks.");
  agent.finalize({ status: "error", outcome: { reason: "migration failed" } });
}

const scripts = { write, deploy, migrate };
const titles = {
  write: "Update the guide",
  deploy: "Deploy the site",
  migrate: "Migrate the accounts",
};

/** Of all rounds. */
const sessionIds = new Set<string>();
let wereDeleted = false;

/** Whoever deletes the demo's sessions wants it to end: its workers would only make them anew. */
async function watchForDeletion(): Promise<void> {
  const headers = { accept: "text/event-stream" };
  const feed = await fetch(`${serviceUrl}/api/events`, { headers, signal: isOver.signal });
  if (feed.body === null) return;
  let rest = "";
  for await (const text of feed.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (!lines.some(isOwnDeletion)) continue;
    process.stdout.write("The demo's sessions were deleted: the demo ends.\n");
    wereDeleted = true;
    return isOver.abort();
  }
}

function isOwnDeletion(line: string): boolean {
  if (!line.startsWith('data: {"type":"session_deleted"')) return false;
  const { sessionId } = JSON.parse(line.slice("data: ".length)) as { sessionId: string };
  return sessionIds.has(sessionId);
}

/** What a worker was still sending when the others were deleted. */
async function deleteRest(): Promise<void> {
  for (const sessionId of sessionIds)
    await fetch(`${serviceUrl}/api/sessions/${sessionId}?force=true`, { method: "DELETE" });
}

async function repeat(name: keyof typeof scripts): Promise<void> {
  for (let round = 1; !isOver.signal.aborted; round += 1) {
    const sessionId = `demo-${name}-${Date.now().toString(36)}`;
    sessionIds.add(sessionId);
    const agent = createHookAgent({
      sessionId,
      serviceUrl,
      spoolDirectory,
      session: {
        name: titles[name],
        labels: { test: "demo", round: String(round) },
        model: "scripted",
        userId: "demo",
      },
      flushOnExit: false,
    });
    try {
      await scripts[name](createWorker(name, titles[name], agent));
      await pause(restMs, undefined, { signal: isOver.signal });
    } catch (error) {
      if (!isOver.signal.aborted) throw error;
      agent.finalize({ status: "stopped", outcome: { reason: "the demo ended" } });
    }
    const isSent = await agent.close({ timeoutMs: 3_000 });
    if (!isSent) isOver.abort();
  }
}

// Without the feed the demo goes on; that the service is gone shows when records can't be sent.
const watching = watchForDeletion().catch(() => {});
await Promise.all((Object.keys(scripts) as (keyof typeof scripts)[]).map(repeat));
clearTimeout(ends);
isOver.abort();
await watching;
if (wereDeleted) await deleteRest();
await rm(spoolDirectory, { recursive: true, force: true });
