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
/** Packages that are bundled unless they are a peer: where their declarations are. */
const bundled = { "@sessions/hook-agent": join(root, "../node/.tsc/src") };
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

/**
 * The declarations that can be reached from `module`, once for each module system; those of a package that is
 * bundled in a folder of its own.
 */
function writeTypes(module, as = module, source = join(root, ".tsc/src"), written = new Set()) {
  if (written.has(as)) return;
  written.add(as);
  const text = readFileSync(join(source, `${module}.d.ts`), "utf8").replace(/^\/\/#.*$/m, "");
  const imports = /(from\s+")([^"]+?)(?:\.ts|\.js)?"/g;
  for (const extension of ["mts", "cts"]) {
    const file = join(dist, `${as}.d.${extension}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      text.replace(imports, (whole, before, imported) => {
        const path = imported.startsWith(".") ? imported : bundledPath(imported, as);
        return path === undefined ? whole : `${before}${path}.${extension.replace("ts", "js")}"`;
      }),
    );
  }
  for (const [, , imported] of text.matchAll(imports)) {
    if (imported.startsWith(".")) {
      const at = (from) => posix.join(posix.dirname(from), imported);
      writeTypes(at(module), at(as), source, written);
    } else if (bundledPath(imported, as) !== undefined) {
      writeTypes("main", `${folderOf(imported)}/main`, bundled[imported], written);
    }
  }
}

function folderOf(name) {
  return posix.basename(name);
}

function bundledPath(imported, from) {
  if (!(imported in bundled) || imported in (peerDependencies ?? {})) return undefined;
  const path = posix.relative(posix.dirname(from), `${folderOf(imported)}/main`);
  return path.startsWith(".") ? path : `./${path}`;
}
