import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Application } from "../../src/expectations.ts";

/** Runs an example from source, as its container does. @throws when it doesn't end well */
export async function runApplication(
  application: Application,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const main = fileURLToPath(new URL(`../../../${application}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main], {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${application} ended with ${code}`);
}
