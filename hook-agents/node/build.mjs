// Makes dist/, or the folder that the first argument names: the package as it is published: self-contained, for import and for require, with types.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = resolve(process.argv[2] ?? join(root, "dist"));
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

for (const [format, extension] of [
  ["esm", "mjs"],
  ["cjs", "cjs"],
]) {
  await build({
    entryPoints: [join(root, "src/main.ts")],
    outfile: join(dist, `index.${extension}`),
    bundle: true,
    platform: "node",
    target: "node20",
    format,
    sourcemap: "linked",
  });
}

const typescript = dirname(fileURLToPath(import.meta.resolve("typescript/package.json")));
execFileSync(process.execPath, [join(typescript, "bin/tsc"), "-b", root], { stdio: "inherit" });
writeTypes("main", "index");

writeFileSync(
  join(dist, "package.json"),
  `${JSON.stringify(
    {
      name,
      version,
      license: "MIT",
      engines: { node: ">=20.19" },
      exports: {
        ".": {
          import: { types: "./index.d.mts", default: "./index.mjs" },
          require: { types: "./index.d.cts", default: "./index.cjs" },
        },
      },
    },
    null,
    2,
  )}\n`,
);
copyFileSync(join(root, "README.md"), join(dist, "README.md"));

/** The declarations that can be reached from `module`, once for each module system. */
function writeTypes(module, as = module, written = new Set()) {
  if (written.has(module)) return;
  written.add(module);
  const text = readFileSync(join(root, `.tsc/src/${module}.d.ts`), "utf8");
  const relative = /(from\s+"\.\/)([\w-]+)(?:\.ts|\.js)?"/g;
  for (const extension of ["mts", "cts"])
    writeFileSync(
      join(dist, `${as}.d.${extension}`),
      text.replace(relative, `$1$2.${extension.replace("ts", "js")}"`).replace(/^\/\/#.*$/m, ""),
    );
  for (const [, , imported] of text.matchAll(relative)) writeTypes(imported, imported, written);
}
