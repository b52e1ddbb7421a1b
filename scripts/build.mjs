// Makes what is installed: the service as one file, and the hook agents' packages.
//   node scripts/build.mjs            everything
//   node scripts/build.mjs service    the service and its page, in dist/, as the image does
//   node scripts/build.mjs test       the service alone, for tests that start it many times
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { buildSessionHook } from "../hook-agents/claude-code/build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [wanted = "all"] = process.argv.slice(2);

function report(file) {
  const kilobytes = Math.round(statSync(file).size / 1_000);
  process.stdout.write(`${relative(root, file)} ${kilobytes} kB\n`);
}

async function buildService(outfile) {
  await build({
    entryPoints: [join(root, "services/session-storage/src/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "linked",
    // Express is CommonJS; inside a module its calls of require() need one.
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module";\nconst require = bundleRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  report(outfile);
}

function buildDashboard() {
  execFileSync("npm", ["run", "--silent", "build", "-w", "@sessions/dashboard"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  report(join(root, "dist/dashboard/index.html"));
}

function buildPackage(folder) {
  const script = join(root, "scripts/build-package.mjs");
  execFileSync(process.execPath, [script, `hook-agents/${folder}`], {
    cwd: root,
    stdio: "inherit",
  });
  report(join(root, "hook-agents", folder, "dist/index.mjs"));
}

if (!["all", "service", "hook-agents", "test"].includes(wanted)) {
  process.stderr.write(`unknown target ${wanted}: all, service, hook-agents or test\n`);
  process.exit(2);
}
if (wanted === "test")
  await buildService(join(root, "node_modules/.cache/agent-session-store/session-storage.mjs"));
if (wanted === "all" || wanted === "service") {
  await buildService(join(root, "dist/session-storage.mjs"));
  buildDashboard();
}
if (wanted === "all" || wanted === "hook-agents") {
  buildPackage("node");
  buildPackage("langgraph");
  buildPackage("agent-sdk");
  await buildSessionHook();
  report(join(root, "hook-agents/claude-code/dist/session-hook.mjs"));
}
