import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { startService } from "../../node/test/support/service.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A project of somebody else's, which has the two built packages and LangGraph. */
function createProject(files: Record<string, string>): string {
  const project = temporaryDirectory();
  for (const [folder, name] of [
    ["hook-agents/node", "hook-agent"],
    ["hook-agents/langgraph", "langgraph"],
  ] as const) {
    const build = [
      "scripts/build-package.mjs",
      folder,
      join(project, "node_modules/@sessions", name),
    ];
    const built = spawnSync(process.execPath, build, { cwd: repository, encoding: "utf8" });
    expect(built.stdout + built.stderr).toBe("");
  }
  for (const name of ["@langchain", "zod", "typescript"]) {
    const place = join(project, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(repository, "node_modules", name), place);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

const body = `
  const State = Annotation.Root({ task: Annotation });
  const graph = new StateGraph(State)
    .addNode("work", ({ task }) => ({ task: task + ", done" }))
    .addEdge(START, "work")
    .compile({ checkpointer: new SessionStoreSaver() });
  const config = { configurable: { thread_id: "1" }, callbacks: [new SessionCallbackHandler()] };
  graph.invoke({ task: "write" }, config).then(async () => {
    const { values } = await graph.getState(config);
    await hookAgent.flush({ timeoutMs: 10_000 });
    process.exit(values.task === "write, done" ? 0 : 1);
  });
`;

describe("the built package", () => {
  it("records and keeps checkpoints by import and by require, with an agent from the environment", async () => {
    const service = await startService();
    const project = createProject({
      "esm.mjs": `import { Annotation, START, StateGraph } from "@langchain/langgraph";
        import hookAgent from "@sessions/hook-agent";
        import { SessionCallbackHandler, SessionStoreSaver } from "@sessions/langgraph";${body}`,
      "cjs.cjs": `const { Annotation, START, StateGraph } = require("@langchain/langgraph");
        const { default: hookAgent } = require("@sessions/hook-agent");
        const { SessionCallbackHandler, SessionStoreSaver } = require("@sessions/langgraph");${body}`,
    });
    for (const file of ["esm.mjs", "cjs.cjs"]) {
      const env = {
        SESSION_ID: file,
        SESSION_SERVICE_URL: service.url,
        SESSION_SPOOL_DIR: join(project, "spool"),
      };
      const program = spawn(process.execPath, [file], { cwd: project, stdio: "inherit", env });
      const [code] = (await once(program, "exit")) as [number | null];
      expect(code).toBe(0);
      expect(await service.actions(file)).toMatchObject([
        { type: "node_run", details: { node: "work", outcome: "succeeded" } },
        { type: "graph_run" },
      ]);
    }
  }, 120_000);

  it("has types that need nothing but its peers", () => {
    const text = `
      const agent: HookAgent = createHookAgent();
      new SessionStoreSaver({ agent, keep: 5 }).deleteThread("1");
      new SessionCallbackHandler({ agent, agents: ["writer"] });
      // @ts-expect-error -- the names are texts
      new SessionCallbackHandler({ agents: [1] });
    `;
    const imports = `import { createHookAgent, type HookAgent } from "@sessions/hook-agent";
      import { SessionCallbackHandler, SessionStoreSaver } from "@sessions/langgraph";`;
    const project = createProject({
      "esm.mts": imports + text,
      "cjs.cts": imports + text,
    });
    const options = "--noEmit --strict --skipLibCheck --module nodenext --target es2023".split(" ");
    const tsc = [
      "node_modules/typescript/bin/tsc",
      ...options,
      "--types",
      "",
      "esm.mts",
      "cjs.cts",
    ];
    const checked = spawnSync(process.execPath, tsc, { cwd: project, encoding: "utf8" });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  }, 120_000);
});
