import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves once the process is gone. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Makes dist/session-storage.mjs. @throws when it can't be made */
export function buildService(): void {
  const { status } = spawnSync(process.execPath, [`${root}scripts/build.mjs`, "service"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the service could not be built");
}

/** Starts a process that says `{"url": …}` on a line of its output. @throws when it ends before */
export async function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const said: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stdout === null) return reject(new Error("no output"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      const found = /"url":"([^"]+)"/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    exited.then(() => reject(new Error(`it did not start:\n${said.join("\n")}`)), reject);
  });
  return {
    url,
    pid: child.pid ?? 0,
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

/** Starts the service on a free loopback port. */
export function startService(storagePath: string, env: Readonly<Record<string, string>> = {}) {
  return startProcess(["--enable-source-maps", "dist/session-storage.mjs"], {
    PORT: "0",
    HOST: "127.0.0.1",
    AUTH: "off",
    STORAGE_PATH: storagePath,
    ...env,
  });
}
