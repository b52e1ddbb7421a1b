// Makes dist/, or the folder that the first argument names: the package as it is published: self-contained but for the
// SDK, for import and for require, with types.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = resolve(process.argv[2] ?? join(root, "dist"));
const { name, version, peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

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
    external: Object.keys(peerDependencies),
  });
}

const typescript = dirname(fileURLToPath(import.meta.resolve("typescript/package.json")));
execFileSync(process.execPath, [join(typescript, "bin/tsc"), "-b", root], { stdio: "inherit" });
/** Where the declarations of what may be imported are, and the names that they get. */
const declarations = {
  "./main": [join(root, ".tsc/src/main.d.ts"), "index"],
  "./api": [join(root, ".tsc/src/api.d.ts"), "api"],
  "@sessions/hook-agent": [join(root, "../node/.tsc/src/api.d.ts"), "hook-agent"],
};
writeTypes("./main");

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

/** The declarations that can be reached from `module`, once for each module system. */
function writeTypes(module, written = new Set()) {
  if (written.has(module)) return;
  written.add(module);
  const [file, as] = declarations[module];
  const text = readFileSync(file, "utf8").replace(/^\/\/#.*$/m, "");
  const imports = /(from\s+")([^"]+?)(?:\.ts|\.js)?"/g;
  for (const extension of ["mts", "cts"])
    writeFileSync(
      join(dist, `${as}.d.${extension}`),
      text.replace(
        imports,
        (_, before, imported) =>
          `${before}./${declarations[imported][1]}.${extension.replace("ts", "js")}"`,
      ),
    );
  for (const [, , imported] of text.matchAll(imports)) writeTypes(imported, written);
}
