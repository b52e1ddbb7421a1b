import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import {
  type Exchange,
  type ScriptedModel,
  startScriptedModel,
  type Step,
} from "@sessions/scripted-model";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { buildSessionHook } from "../../build.mjs";
import type { RestoreReport } from "../../src/restore/restore.ts";
import { createSettings } from "../../src/settings.ts";
import { type ClaudeRun, installClaude, runClaude } from "../support/claude.ts";
import { freePort, killRelay, temporaryFolder } from "../support/relay.ts";
import {
  readEvents,
  type Service,
  startService,
  waitForEvent,
  type WireEvent,
} from "../support/service.ts";
import { readStored } from "../support/transcript.ts";

const claude = await installClaude();
if ("reason" in claude) process.stdout.write(`skipped: ${claude.reason}\n`);

const bash = (command: string) => ({ tool: "Bash", input: { command } });
const scriptOf = (...steps: Step[]) => `Go. SCRIPT:${JSON.stringify(steps)}`;

/** A pretend container: a folder of its own for home, work, spool and relay. */
interface Container {
  readonly cwd: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

describe.skipIf("reason" in claude)("the real CLI, resumed elsewhere", { timeout: 120_000 }, () => {
  const cli = "path" in claude ? claude.path : "";
  let folder: string;
  let program: string;
  let model: ScriptedModel;
  let service: Service;
  let exchanges: Exchange[];
  const containers: Container[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    program = join(folder, "session-hook.mjs");
    await buildSessionHook(folder);
    model = await startScriptedModel({ onExchange: (exchange) => exchanges.push(exchange) });
    service = await startService(join(folder, "store"));
  });
  afterAll(async () => {
    await model.close();
    await service.kill("SIGKILL");
  });
  beforeEach(() => {
    exchanges = [];
  });
  afterEach(async () => {
    for (const { port } of containers.splice(0)) await killRelay(port);
  });

  async function container(): Promise<Container> {
    const port = await freePort();
    const cwd = join(folder, `work-${port}`);
    await mkdir(cwd);
    const made = {
      cwd,
      port,
      env: {
        SESSION_HOOK_PORT: String(port),
        SESSION_SERVICE_URL: service.url,
        SESSION_SPOOL_DIR: join(cwd, "spool"),
        CLAUDE_CONFIG_DIR: join(cwd, ".claude"),
      },
    };
    containers.push(made);
    return made;
  }
  function run({ cwd, port, env }: Container, args: readonly string[]): ClaudeRun {
    const settings = createSettings(port, `node '${program}'`);
    const more = ["--settings", JSON.stringify(settings), "--dangerously-skip-permissions"];
    return runClaude({ command: [cli], args: [...more, ...args], cwd, modelUrl: model.url, env });
  }
  async function restore({ cwd, env }: Container, args: readonly string[]): Promise<RestoreReport> {
    const argv = [program, "restore", ...args, "--json"];
    const options = { cwd, env: { PATH: process.env["PATH"], ...env } };
    const { stdout } = await promisify(execFile)(process.execPath, argv, options);
    return JSON.parse(stdout) as RestoreReport;
  }
  /** The command that `restore` says, with a prompt. */
  const goOn = (where: Container, { command }: RestoreReport, prompt: string) =>
    run(where, [...command.slice(1), prompt]);

  const isFinal = ({ type, data }: WireEvent) =>
    type === "session_finalized" && data["status"] === "completed";
  const toolUses = (events: WireEvent[]) =>
    events
      .filter(({ data }) => data["type"] === "tool_use")
      .map(({ data }) => data["details"] as Record<string, unknown>);
  const projectOf = ({ cwd }: Container) => cwd.replaceAll(/[^A-Za-z0-9]/g, "-");
  const messagesOf = (all: readonly Exchange[]) =>
    all.filter(({ agentId, step }) => agentId === "" && step >= 0).map(({ messages }) => messages);

  /** @returns the session of a container that is gone in the middle of a call */
  async function leaveInMidTurn(where: Container): Promise<string> {
    const look = {
      description: "look",
      subagent_type: "general-purpose",
      run_in_background: false,
      prompt: scriptOf(bash("echo sub"), { text: "found" }),
    };
    const { child } = run(where, [
      scriptOf(
        bash("echo one"),
        { tool: "Agent", input: look },
        // What it leaves behind must end by itself: it keeps the pipe open.
        bash("echo; sleep 4"),
        { text: "never" },
      ),
    ]);
    const isCut = ({ type, data }: WireEvent) =>
      type === "transcript_entry" && JSON.stringify(data["entry"]).includes('"echo; sleep 4"}');
    const events = await waitForEvent(service.url, "*", (event) => {
      if (event.type === "transcript_entry" && event.data["projectKey"] !== projectOf(where))
        return false;
      const isCall = (event.data["entry"] as { type?: string } | undefined)?.type === "assistant";
      return isCall && isCut(event);
    });
    child.kill("SIGKILL");
    await once(child, "exit");
    await killRelay(where.port);
    return events.at(-1)?.sessionId ?? "";
  }

  it("has the whole conversation, its subagent's too, and goes on in the same session", async () => {
    const first = await container();
    const sessionId = await leaveInMidTurn(first);
    const before = await readEvents(service.url, sessionId);
    const asked = messagesOf(exchanges).at(-1) ?? 0;
    exchanges = [];

    const second = await container();
    const report = await restore(second, [sessionId, "--force"]);
    expect(report.transcripts).toHaveLength(2);
    const { ended } = goOn(second, report, scriptOf(bash("echo back"), { text: "Done" }));
    expect(await ended).toMatchObject({ code: 0, sessionId });
    await waitForEvent(service.url, sessionId, isFinal);
    const isLetGo = ({ type, data }: WireEvent) =>
      type === "lease_released" && data["epoch"] === report.lease?.epoch;
    const events = await waitForEvent(service.url, sessionId, isLetGo);

    // The call and what became of it, the CLI's own word about the cut, and the new prompt.
    expect(messagesOf(exchanges)[0]).toBeGreaterThanOrEqual(asked + 4);
    expect(events.slice(0, before.length).map(({ data }) => data)).toEqual(
      before.map(({ data }) => data),
    );
    expect(
      toolUses(events).map(({ tool, outcome }) => `${String(tool)} ${String(outcome)}`),
    ).toEqual([
      "Bash succeeded",
      "Bash succeeded",
      "Agent succeeded",
      "Bash interrupted",
      "Bash succeeded",
    ]);
    const here = await readFile(report.transcripts[0]?.path ?? "", "utf8");
    const lines = here
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(await readStored(service.url, sessionId, undefined, projectOf(first))).toEqual(lines);
    expect(await readStored(service.url, sessionId, undefined, projectOf(second))).toBeNull();
  });

  it("goes on in a copy beside the first one with --fork", async () => {
    const first = await container();
    const { ended } = run(first, [scriptOf(bash("echo one"), { text: "First" })]);
    const { sessionId } = await ended;
    await waitForEvent(service.url, sessionId, ({ type }) => type === "lease_released");
    const before = await readEvents(service.url, sessionId);
    const second = await container();
    const report = await restore(second, [sessionId, "--fork"]);
    const forked = goOn(second, report, scriptOf(bash("echo two"), { text: "Second" }));
    expect(await forked.ended).toMatchObject({ code: 0, sessionId: report.sessionId });
    await waitForEvent(service.url, report.sessionId, ({ type }) => type === "lease_released");

    const events = await readEvents(service.url, report.sessionId);
    expect(events[0]?.data).toMatchObject({ parentSession: sessionId });
    expect(toolUses(events)).toMatchObject([{ input: { command: "echo two" } }]);
    const stored = await readStored(service.url, report.sessionId, undefined, projectOf(second));
    expect(JSON.stringify(stored)).toContain("echo one");
    expect(await readEvents(service.url, sessionId)).toEqual(before);
  });
});
