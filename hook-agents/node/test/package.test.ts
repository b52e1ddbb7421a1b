import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { ended } from "./support/program.ts";
import { startService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));

/** A project of somebody else's that has nothing but the built package. */
function createProject(files: Record<string, string>): string {
  const project = temporaryDirectory();
  const target = join(project, "node_modules/@sessions/hook-agent");
  mkdirSync(target, { recursive: true });
  const build = ["scripts/build-package.mjs", "hook-agents/node", target];
  const built = spawnSync(process.execPath, build, { cwd: repository, encoding: "utf8" });
  expect(built.stdout + built.stderr).toBe("");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

const body = (name: string) => `
  const agent = createHookAgent({ sessionId: "${name}", session: { userId: "ada" } });
  const goal = agent.addGoal({ description: "use it", priority: "high" });
  agent.updateGoal(goal.goalId, { status: "completed" });
  agent.logAction({ type: "from_${name}" });
  hookAgent.logResponse({ content: "from the environment" });
  Promise.all([agent.flush(), hookAgent.flush()]).then((flushed) =>
    process.exit(flushed.every(Boolean) ? 0 : 1),
  );
`;

describe("the built package", () => {
  it("works by import and by require from a plain JavaScript project", async () => {
    const service = await startService();
    const project = createProject({
      "esm.mjs": `import hookAgent, { createHookAgent } from "@sessions/hook-agent";${body("esm")}`,
      "cjs.cjs": `const { default: hookAgent, createHookAgent } = require("@sessions/hook-agent");${body("cjs")}`,
    });
    for (const [index, file] of ["esm.mjs", "cjs.cjs"].entries()) {
      const program = spawn(process.execPath, [file], {
        cwd: project,
        stdio: "inherit",
        env: {
          SESSION_ID: "env",
          SESSION_SERVICE_URL: service.url,
          SESSION_SPOOL_DIR: join(project, "spool"),
        },
      });
      expect(await ended(program)).toBe(0);
      expect((await service.metadata("env")).counts.responses).toBe(index + 1);
    }
    for (const name of ["esm", "cjs"]) {
      expect(await service.actions(name)).toMatchObject([{ type: `from_${name}` }]);
      expect((await service.metadata(name)).counts.goalsCompleted).toBe(1);
    }
  });

  it("has types for both that need nothing else", () => {
    const text = `
      agent.logAction({ type: "step" }).receipt.then((receipt) => {
        if (receipt.outcome === "rejected") agent.logAction({ type: receipt.problem.code });
      });
      // @ts-expect-error -- an action has a type
      hookAgent.logAction({});
      const id: string = agent.addGoal({ description: "d" }).goalId;
      agent.completeAgent(id, { status: "failed" });
    `;
    const project = createProject({
      "esm.mts": `import hookAgent, { createHookAgent } from "@sessions/hook-agent";
        const agent = createHookAgent();${text}`,
      "cjs.cts": `import hookAgent = require("@sessions/hook-agent");
        const agent: hookAgent.HookAgent = hookAgent.createHookAgent();${text.replaceAll("hookAgent.log", "hookAgent.default.log")}`,
    });
    const options = "--noEmit --strict --module nodenext --target es2023 --types".split(" ");
    const tsc = [join(typescript, "bin/tsc"), ...options, "", "esm.mts", "cjs.cts"];
    const checked = spawnSync(process.execPath, tsc, { cwd: project, encoding: "utf8" });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  });
});
