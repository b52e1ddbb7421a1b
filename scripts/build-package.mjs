// Makes a hook agent's package as it is published: for import and for require, with types, without dependencies but its peers.
//   node scripts/build-package.mjs hook-agents/node [target]     into the package's dist/ unless told
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const [folder = ".", target] = process.argv.slice(2);
const root = resolve(folder);
const dist = resolve(target ?? join(root, "dist"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { name, version, peerDependencies, peerDependenciesMeta } = manifest;

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
    external: Object.keys(peerDependencies ?? {}).flatMap((peer) => [peer, `${peer}/*`]),
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
      peerDependencies,
      peerDependenciesMeta,
    },
    null,
    2,
  )}\n`,
);
copyFileSync(join(root, "README.md"), join(dist, "README.md"));

/** The declarations that can be reached from `module`, a path below src/, once for each module system. */
function writeTypes(module, as = module, written = new Set()) {
  if (written.has(module)) return;
  written.add(module);
  const text = readFileSync(join(root, ".tsc/src", `${module}.d.ts`), "utf8");
  const relative = /(from\s+")(\.\.?\/[\w./-]+?)(?:\.ts|\.js)?"/g;
  for (const extension of ["mts", "cts"]) {
    const file = join(dist, `${as}.d.${extension}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      text.replace(relative, `$1$2.${extension.replace("ts", "js")}"`).replace(/^\/\/#.*$/m, ""),
    );
  }
  for (const [, , imported] of text.matchAll(relative))
    writeTypes(posix.join(posix.dirname(module), imported), undefined, written);
}
