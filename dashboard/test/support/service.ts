import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** One file when vitest runs this, which starts in a third of the time; else the source. */
const built = process.env["SESSION_STORE_SERVICE"];
const program =
  built === undefined ? ["--import", "tsx", "services/session-storage/src/main.ts"] : [built];
const dashboard = fileURLToPath(new URL("../..", import.meta.url));

/** The built page, in a folder that the caller removes. */
export async function buildDashboard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dashboard-"));
  await build({
    root: dashboard,
    configFile: join(dashboard, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: folder, emptyOutDir: true },
  });
  return folder;
}

export interface Service {
  readonly url: string;
  post(path: string, body: unknown): Promise<Record<string, unknown>>;
  /** kill -9, and again on the same port and volume. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The real service as a process of its own, on a free port and a volume of its own. */
export async function startService(
  dashboardPath: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const storagePath = await mkdtemp(join(tmpdir(), "dashboard-volume-"));
  let port = "0";
  let child: ChildProcess;
  let url = "";

  async function start(): Promise<void> {
    child = spawn(process.execPath, program, {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        AUTH: "off",
        BALLAST_BYTES: "4096",
        DASHBOARD_PATH: dashboardPath,
        ...environment,
        PORT: port,
        STORAGE_PATH: storagePath,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const started = child;
    url = await new Promise<string>((resolve, reject) => {
      started.once("exit", (code) => reject(new Error(`the service ended with ${code}`)));
      if (started.stdout === null) return reject(new Error("no output"));
      createInterface({ input: started.stdout }).on("line", (line) => {
        const found = /"url":"([^"]+)"/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    port = new URL(url).port;
  }

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  await start();
  return {
    url,
    async post(path, body) {
      const answer = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization(environment) },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    async restart() {
      await end("SIGKILL");
      await start();
    },
    async close() {
      await end("SIGTERM");
      await rm(storagePath, { recursive: true, force: true });
    },
  };
}

function authorization(environment: Readonly<Record<string, string>>): Record<string, string> {
  const key = environment["API_KEYS"];
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
