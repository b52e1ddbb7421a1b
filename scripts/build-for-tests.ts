import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("build.mjs", import.meta.url));

/** Once for a run of the tests, before the first of them. */
export default function buildForTests(): void {
  execFileSync(process.execPath, [script, "test"], { stdio: ["ignore", "ignore", "inherit"] });
}
