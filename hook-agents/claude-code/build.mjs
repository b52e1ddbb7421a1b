import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

/** One file without node_modules, for any container with Node 20; beside it the drop-in that names it. */
export async function buildSessionHook(outdir = `${here}dist`) {
  await build({
    entryPoints: [`${here}src/main.ts`],
    outfile: `${outdir}/session-hook.mjs`,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
  });
  await copyFile(`${here}managed-settings.d/session-hook.json`, `${outdir}/session-hook.json`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSessionHook();
