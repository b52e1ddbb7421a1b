import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startScriptedModel } from "@sessions/scripted-model";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { readmeBlock, readmeParts } from "../src/readme.ts";
import { installAgentSdk, prepareAgentSdk } from "./support/agent-sdk.ts";
import { installClaude, prepareClaude } from "./support/claude.ts";
import { runBlock, type Surroundings } from "./support/run-block.ts";
import { type Service, startService, waitForEvent, type WireEvent } from "./support/service.ts";

/** Inside the checkout, so that its packages are found. */
const cache = fileURLToPath(new URL("../../../node_modules/.cache", import.meta.url));

interface Way extends Surroundings {
  /** Unless the block names another one, the environment's. */
  readonly sessionId?: string;
  /** What the store has to get of it. */
  readonly action: { readonly type: string; readonly details: object };
}
const processed = { type: "task_start", details: { task: "process_data" } };
const plain: Readonly<Record<string, Way>> = {
  "LangGraph.js": {
    before: `
      import { Annotation, START, StateGraph } from "@langchain/langgraph";
      const state = Annotation.Root({ n: Annotation<number>() });
      const double = ({ n }: { n: number }) => ({ n: 2 * n });
      const workflow = new StateGraph(state).addNode("double", double).addEdge(START, "double");
      const input = { n: 21 };`,
    after: `
      const { values } = await graph.getState({ configurable: { thread_id: "1" } });
      if (values.n !== 42) throw new Error("the checkpoint is not there");`,
    action: { type: "node_run", details: { node: "double", outcome: "succeeded" } },
  },
  Node: { action: processed },
  Python: { action: processed },
  curl: { sessionId: "by-curl", action: processed },
};
const claude = "Claude Code CLI";
const agentSdk = "Claude Agent SDK";

const cli = await installClaude();
if ("reason" in cli) process.stdout.write(`skipped: ${cli.reason}\n`);
const sdk = await installAgentSdk();
if ("reason" in sdk) process.stdout.write(`skipped: ${sdk.reason}\n`);
const hasPython = isThere("python3", "import sys; sys.exit(sys.version_info < (3, 9))");
if (!hasPython) process.stdout.write("skipped: there is no Python 3.9 or newer\n");

describe("the README's lines to record an agent", { timeout: 120_000 }, () => {
  let folder: string;
  let service: Service;
  beforeAll(async () => {
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, "newcomer-"));
    service = await startService(join(folder, "volume"));
  }, 60_000);
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  const run = async (
    name: string,
    env: Readonly<Record<string, string>>,
    around?: Surroundings,
  ) => {
    const { language, text } = readmeBlock(name);
    const block = { language, text: text.replaceAll("localhost:9000", new URL(service.url).host) };
    const own = { SESSION_SERVICE_URL: service.url, SESSION_SPOOL_DIR: join(folder, "spool") };
    await runBlock(block, folder, { ...own, ...env }, around);
  };
  const actionOf = async (sessionId: string | undefined, type: string) =>
    (
      await waitForEvent(
        service.url,
        (event) =>
          event.type === "action" &&
          event.data["type"] === type &&
          (sessionId === undefined || event.sessionId === sessionId),
      )
    ).data;

  it("are all tried here", () => {
    expect(readmeParts("Record an agent").toSorted()).toEqual(
      [...Object.keys(plain), claude, agentSdk].toSorted(),
    );
  });

  it.for(Object.entries(plain))("work as they stand: %s", async ([name, way], { skip }) => {
    if (name === "Python" && !hasPython) skip();
    const sessionId = way.sessionId ?? `newcomer-${name}`;
    await run(name, { SESSION_ID: sessionId }, way);
    expect(await actionOf(sessionId, way.action.type)).toMatchObject(way.action);
  });

  it.skipIf("reason" in cli)(`work as they stand: ${claude}`, async () => {
    const model = await startScriptedModel();
    onTestFinished(() => model.close());
    const steps = [{ tool: "Bash", input: { command: "echo process_data" } }, { text: "Done" }];
    const prompt = `Process it. SCRIPT:${JSON.stringify(steps)}`;
    const path = "path" in cli ? cli.path : "";
    const { env, close } = await prepareClaude(folder, path, model.url, prompt);
    onTestFinished(close);
    await run(claude, env);
    expect(await actionOf(undefined, "tool_use")).toMatchObject({
      details: { tool: "Bash", input: { command: "echo process_data" }, outcome: "succeeded" },
    });
  });

  it.skipIf("reason" in cli || "reason" in sdk)(`work as they stand: ${agentSdk}`, async () => {
    const steps = [{ match: "Process the data", steps: [{ text: "Processed" }] }];
    const model = await startScriptedModel({ rules: steps });
    onTestFinished(() => model.close());
    const env = prepareAgentSdk(
      folder,
      "path" in sdk ? sdk.path : "",
      "path" in cli ? cli.path : "",
      model.url,
    );
    await run(agentSdk, env);
    const isAnswer = ({ type, data }: WireEvent) =>
      type === "transcript_entry" && JSON.stringify(data["entry"]).includes('"text":"Processed"');
    const { data } = await waitForEvent(service.url, isAnswer);
    expect(data).toMatchObject({ subpath: null, entry: { type: "assistant" } });
  });
});

function isThere(program: string, check: string): boolean {
  try {
    execFileSync(program, ["-c", check], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
