import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  type ScriptedModel,
  startScriptedModel,
  type Step,
  type ToolCall,
  type Usage,
} from "@sessions/scripted-model";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { buildSessionHook } from "../../build.mjs";
import { createSettings } from "../../src/settings.ts";
import { installClaude, runClaude } from "../support/claude.ts";
import { freePort, killRelay, temporaryFolder } from "../support/relay.ts";
import {
  readEvents,
  type Service,
  startService,
  waitForEvent,
  type WireEvent,
} from "../support/service.ts";

const claude = await installClaude();
if ("reason" in claude) process.stdout.write(`skipped: ${claude.reason}\n`);

const bash = (command: string, usage?: Usage): ToolCall => ({
  tool: "Bash",
  input: { command },
  ...(usage && { usage }),
});
const scriptOf = (...steps: Step[]) => `Go. SCRIPT:${JSON.stringify(steps)}`;

describe.skipIf("reason" in claude)("the real CLI, recorded", { timeout: 90_000 }, () => {
  const cli = "path" in claude ? claude.path : "";
  let folder: string;
  let program: string;
  let model: ScriptedModel;
  let service: Service;
  let servicePort: number;
  let hookPort: number;
  let cwd: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    program = join(folder, "session-hook.mjs");
    await buildSessionHook(folder);
    model = await startScriptedModel();
  });
  afterAll(() => model.close());
  beforeEach(async () => {
    cwd = join(folder, randomUUID());
    await mkdir(cwd);
    servicePort = await freePort();
    hookPort = await freePort();
    service = await startService(join(cwd, "store"), servicePort);
  });
  afterEach(async () => {
    await killRelay(hookPort);
    await service.kill("SIGKILL");
  });

  const hookEnv = () => ({
    SESSION_HOOK_PORT: String(hookPort),
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: join(cwd, "spool"),
  });
  function run(prompt: string, args: readonly string[] = [], command: readonly string[] = [cli]) {
    const settings = {
      ...createSettings(hookPort, `node '${program}'`),
      permissions: { deny: ["Bash(touch:*)"] },
    };
    const more = ["--settings", JSON.stringify(settings), "--dangerously-skip-permissions"];
    return runClaude({
      command,
      args: [...more, ...args, prompt],
      cwd,
      modelUrl: model.url,
      env: hookEnv(),
    });
  }
  const isFinal = ({ type }: WireEvent) => type === "session_finalized";
  const toolUses = (events: WireEvent[]) =>
    events
      .filter(({ data }) => data["type"] === "tool_use")
      .map(({ data }) => data["details"] as Record<string, unknown>);
  const idsOf = (events: WireEvent[]) => toolUses(events).map(({ tool_use_id }) => tool_use_id);

  it("has its tools, subagent, tasks, answers, tokens and end, over two turns", async () => {
    const usage = { input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 1_000 };
    const look = {
      description: "look",
      subagent_type: "general-purpose",
      run_in_background: false,
      prompt: scriptOf(bash("echo sub", usage), { text: "found", usage }),
    };
    const first = run(
      scriptOf(
        bash("echo hello", usage),
        [bash("exit 3", usage), bash("touch denied")],
        { tool: "TaskCreate", input: { subject: "Write", description: "all" }, usage },
        { tool: "TaskUpdate", input: { taskId: "1", status: "completed" }, usage },
        { tool: "Agent", input: look, usage },
        { text: "First answer", usage },
      ),
    );
    const { sessionId, code } = await first.ended;
    expect(code).toBe(0);
    await waitForEvent(service.url, sessionId, isFinal);

    const second = run(scriptOf(bash("echo again", usage), { text: "Second", usage }), [
      "--resume",
      sessionId,
    ]);
    await second.ended;
    let finals = 0;
    const events = await waitForEvent(
      service.url,
      sessionId,
      (event) => isFinal(event) && ++finals === 2,
    );

    expect(
      toolUses(events).map(({ tool, outcome }) => `${String(tool)} ${String(outcome)}`),
    ).toEqual([
      "Bash succeeded",
      "Bash failed",
      "Bash denied",
      "TaskCreate succeeded",
      "TaskUpdate succeeded",
      "Bash succeeded",
      "Agent succeeded",
      "Bash succeeded",
    ]);
    expect(toolUses(events)[0]).toMatchObject({
      input: { command: "echo hello" },
      output: { stdout: "hello" },
      durationMs: expect.any(Number) as number,
    });
    const responses = events.filter(({ type }) => type === "response").map(({ data }) => data);
    const turn = (messages: number) => ({
      inputTokens: 100 * messages,
      outputTokens: 10 * messages,
      cacheReadInputTokens: 1_000 * messages,
      cacheCreationInputTokens: 0,
    });
    expect(responses).toMatchObject([
      { content: "First answer", usage: turn(6) },
      { content: "Second", usage: turn(2) },
    ]);

    const view = (await (await fetch(`${service.url}/api/sessions/${sessionId}`)).json()) as {
      metadata: Record<string, unknown>;
      state: Record<string, unknown>;
    };
    expect(view.metadata).toMatchObject({
      status: "completed",
      workingDirectory: cwd,
      labels: { source: "claude-code" },
      model: expect.stringContaining("claude") as string,
      counts: {
        actions: 12,
        responses: 2,
        goals: 1,
        goalsCompleted: 1,
        agents: 1,
        agentsRunning: 0,
      },
    });
    expect(view.state).toMatchObject({
      phase: "ended",
      usage: turn(10),
      agents: [{ type: "general-purpose", parentAgentId: null, result: "found", usage: turn(2) }],
      goals: [{ description: "Write", status: "completed" }],
    });
    expect(view.state).not.toHaveProperty("running");
    expect(view.state["currentStep"] ?? null).toBeNull();
  });

  it("has what the user's own hook decided: allow, deny and ask, in a subagent too", async () => {
    const policy = join(cwd, "policy.mjs");
    await writeFile(
      policy,
      `let text = "";
      for await (const chunk of process.stdin) text += chunk;
      const [permissionDecision, permissionDecisionReason] = JSON.parse(text).tool_input.command.split(" ").slice(1);
      const hookSpecificOutput = { hookEventName: "PreToolUse", permissionDecision, permissionDecisionReason };
      process.stdout.write(JSON.stringify({ hookSpecificOutput }));`,
    );
    await mkdir(join(cwd, ".claude"));
    const hooks = [{ type: "command", command: `node ${policy}` }];
    await writeFile(
      join(cwd, ".claude", "settings.json"),
      JSON.stringify({ hooks: { PreToolUse: [{ matcher: "Bash", hooks }] } }),
    );
    const inner = scriptOf(bash("echo allow inside"), bash("echo deny inside"), { text: "found" });
    const { ended } = run(
      scriptOf(
        bash("echo allow harmless"),
        bash("echo deny never"),
        bash("echo ask who"),
        {
          tool: "Agent",
          input: {
            description: "look",
            subagent_type: "general-purpose",
            run_in_background: false,
            prompt: inner,
          },
        },
        { text: "Done" },
      ),
    );
    const { sessionId } = await ended;
    const events = await waitForEvent(service.url, sessionId, isFinal);

    const decisions = events
      .filter(({ data }) => data["type"] === "permission_decision")
      .map(({ data }) => data["details"] as Record<string, unknown>);
    const [subagent] = events.filter(({ type }) => type === "agent_spawned");
    const { agentId } = (subagent?.data["agent"] ?? {}) as { agentId?: string };
    expect(decisions.map((one) => [one["decision"], one["reason"], one["agentId"]])).toEqual(
      expect.arrayContaining([
        ["allow", "harmless", undefined],
        ["deny", "never", undefined],
        ["ask", "who", undefined],
        ["allow", "inside", agentId],
        ["deny", "inside", agentId],
      ]),
    );
    expect(decisions).toHaveLength(5);
    // Nobody is there to be asked.
    expect(toolUses(events).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["succeeded", undefined],
      ["denied", "never"],
      ["denied", "who"],
      ["succeeded", undefined],
      ["denied", "inside"],
      ["succeeded", undefined],
    ]);
  });

  it("loses and doubles nothing when the relay is killed in a call and started again", async () => {
    const killer = join(cwd, "kill-relay.mjs");
    await writeFile(
      killer,
      `const status = () => fetch("http://127.0.0.1:${hookPort}/status").then((r) => r.json(), () => undefined);
      const { pid } = await status();
      process.kill(pid, "SIGKILL");
      for (let now; !now || now.pid === pid; now = await status());`,
    );
    // A relay that dies within its first second is not started again: the first call outlasts that.
    const { ended } = run(
      scriptOf(bash("echo one; sleep 1.2"), bash(`node ${killer}`), bash("echo two"), {
        text: "Done",
      }),
      [],
      [process.execPath, program, "run", "--", cli],
    );
    const { sessionId, toolUseIds } = await ended;
    const events = await waitForEvent(service.url, sessionId, isFinal);
    expect(toolUseIds).toHaveLength(3);
    expect(idsOf(events)).toEqual(toolUseIds);
    expect(toolUses(events).map(({ outcome }) => outcome)).toEqual(Array(3).fill("succeeded"));
  });

  it("loses and doubles nothing when the service is killed in a turn and comes back", async () => {
    const { ended } = run(
      scriptOf(...Array.from({ length: 10 }, (_, id) => bash(`echo ${id}`)), { text: "Done" }),
    );
    const started = await fetch(`${service.url}/api/events?after=0`, {
      headers: { accept: "text/event-stream" },
    });
    // The first event is enough: the run goes on for ten calls.
    await started.body?.getReader().read();
    await service.kill("SIGKILL");
    const { sessionId, toolUseIds } = await ended;
    service = await startService(join(cwd, "store"), servicePort);
    await waitForEvent(service.url, sessionId, isFinal);
    const events = await readEvents(service.url, sessionId);
    expect(toolUseIds).toHaveLength(10);
    expect(idsOf(events)).toEqual(toolUseIds);
    expect(events.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1));
  });

  it("ends as stopped, its call as interrupted, when the CLI is killed, and can be resumed", async () => {
    // The CLI leaves its command behind, which keeps the pipe open: it must end by itself.
    // The call before it gives the CLI time to write its transcript, without which it can't resume.
    const { child } = run(scriptOf(bash("sleep 0.5"), bash("echo; sleep 3"), { text: "never" }));
    const isRunning = ({ type, data }: WireEvent) =>
      type === "state_updated" && JSON.stringify(data).includes('"summary":"echo; sleep 3"');
    const [first] = await waitForEvent(service.url, "*", isRunning);
    const sessionId = first?.sessionId ?? "";
    child.kill("SIGKILL");
    await once(child, "exit");
    const events = await waitForEvent(service.url, sessionId, isFinal);
    expect(events.at(-1)?.data).toMatchObject({ status: "stopped" });
    expect(toolUses(events)).toMatchObject([{ outcome: "succeeded" }, { outcome: "interrupted" }]);

    const back = run(scriptOf(bash("echo back"), { text: "Done" }), ["--resume", sessionId]);
    expect(await back.ended).toMatchObject({ code: 0 });
    const isCompleted = (event: WireEvent) =>
      isFinal(event) && event.data["status"] === "completed";
    const resumed = await waitForEvent(service.url, sessionId, isCompleted);
    expect(toolUses(resumed).map(({ outcome }) => outcome)).toEqual([
      "succeeded",
      "interrupted",
      "succeeded",
    ]);
  });
});
