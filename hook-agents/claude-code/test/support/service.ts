import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** The service as one file; vitest.config.ts says where. */
const serviceFile = process.env["SESSION_STORE_SERVICE"] ?? "";

export interface Service {
  readonly url: string;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** The real service as a process of its own. @param port 0: any */
export async function startService(storagePath: string, port = 0): Promise<Service> {
  const child = spawn(process.execPath, [serviceFile], {
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      STORAGE_PATH: storagePath,
      AUTH: "off",
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await listeningUrl(child);
  return {
    url,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the service has no stdout");
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== "listening" || url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error("the service ended before it listened");
}

export interface WireEvent {
  readonly sessionId?: string;
  readonly offset: number;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export async function readEvents(url: string, sessionId: string): Promise<WireEvent[]> {
  const response = await fetch(`${url}/api/sessions/${sessionId}/events?after=0&limit=10000`);
  if (!response.ok) throw new Error(`events: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { events: WireEvent[] }).events;
}

/**
 * Follows the live feed of a session, `*` for all, until the event is there.
 * @returns everything up to it
 */
export async function waitForEvent(
  url: string,
  sessionId: string,
  isIt: (event: WireEvent) => boolean,
): Promise<WireEvent[]> {
  const aborter = new AbortController();
  const response = await fetch(`${url}/api/events?after=0`, {
    headers: { accept: "text/event-stream" },
    signal: aborter.signal,
  });
  if (!response.body) throw new Error("the feed has no body");
  const events: WireEvent[] = [];
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as WireEvent;
      // A frame about the feed itself is of no session.
      if (event.sessionId === undefined) continue;
      if (sessionId !== "*" && event.sessionId !== sessionId) continue;
      events.push(event);
      if (isIt(event)) {
        aborter.abort();
        return events;
      }
    }
  }
  throw new Error("the feed ended");
}
