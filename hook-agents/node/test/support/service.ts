import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";

import type { LogRecord, SessionMetadata, WireEvent } from "@sessions/contract";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { type AtEnd, temporaryDirectory } from "./temporary-directory.ts";

/** The service as one file; vitest.config.ts says where. */
const serviceFile = process.env["SESSION_STORE_SERVICE"] ?? "";

/** The real service, in a process of its own that can be killed and started again. */
export interface Service {
  readonly url: string;
  readonly port: number;
  /** Resolves once it listens, on the same port and volume as before. */
  start(): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  actions(sessionId: string): Promise<LogRecord[]>;
  events(sessionId: string): Promise<WireEvent[]>;
  metadata(sessionId: string): Promise<SessionMetadata>;
  post(path: string, body: unknown): Promise<Response>;
}

/** Not started yet. */
export async function createService(atEnd: AtEnd = onTestFinished): Promise<Service> {
  const storagePath = temporaryDirectory(atEnd);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const get = async <Body>(path: string) => {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };
  atEnd(kill);

  return {
    url,
    port,
    kill,
    async start() {
      child = spawn(process.execPath, [serviceFile], {
        env: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          PORT: String(port),
          STORAGE_PATH: storagePath,
          AUTH: "off",
          BALLAST_BYTES: "65536",
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      await firstLine(child, (line) => line.includes('"listening"'));
    },
    actions: (sessionId) => get(`/api/actions/${sessionId}?tail=10000`),
    async events(sessionId) {
      const events: WireEvent[] = [];
      for (let after = 0; ;) {
        const page = await get<{ events: WireEvent[]; next: number; hasMore: boolean }>(
          `/api/sessions/${sessionId}/events?after=${after}&limit=10000`,
        );
        events.push(...page.events);
        if (!page.hasMore) return events;
        after = page.next;
      }
    },
    metadata: async (sessionId) =>
      (await get<{ metadata: SessionMetadata }>(`/api/sessions/${sessionId}`)).metadata,
    post: (path, body) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

export async function startService(atEnd?: AtEnd): Promise<Service> {
  const service = await createService(atEnd);
  await service.start();
  return service;
}

/** One running service for all tests of a file, which use sessions of their own. */
export function shareService(): { readonly current: Service } {
  let service: Service | undefined;
  const cleanUps: (() => void | Promise<void>)[] = [];
  beforeAll(async () => {
    service = await startService((cleanUp) => cleanUps.push(cleanUp));
  }, 60_000);
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });
  return {
    get current() {
      if (service === undefined) throw new Error("the service isn't started yet");
      return service;
    },
  };
}

/** Resolves with the first line of standard output that `matches`; rejects when the process ends before. */
export function firstLine(
  child: ChildProcess,
  matches: (line: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    const see = (line: string) => {
      seen.push(line);
      if (matches(line)) resolve(line);
    };
    if (child.stdout) createInterface({ input: child.stdout }).on("line", see);
    if (child.stderr)
      createInterface({ input: child.stderr }).on("line", (line) => seen.push(line));
    child.once("exit", (code, signal) =>
      reject(new Error(`ended with ${code ?? signal}:\n${seen.join("\n")}`)),
    );
  });
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
