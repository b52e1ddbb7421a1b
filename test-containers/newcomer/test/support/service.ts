import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** The service as one file; vitest.config.ts says where. */
const serviceFile = process.env["SESSION_STORE_SERVICE"] ?? "";

export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

/** The real service as a process of its own, on a free port. */
export async function startService(storagePath: string): Promise<Service> {
  const child = spawn(process.execPath, [serviceFile], {
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      STORAGE_PATH: storagePath,
      AUTH: "off",
      BALLAST_BYTES: "4096",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== "listening" || url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      async close() {
        child.kill();
        await once(child, "exit");
      },
    };
  }
  throw new Error("the service ended before it listened");
}

export interface WireEvent {
  readonly sessionId?: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Resolves once the live feed has told one that `isIt`. */
export async function waitForEvent(
  url: string,
  isIt: (event: WireEvent) => boolean,
): Promise<WireEvent> {
  const response = await fetch(`${url}/api/events?after=0`, {
    headers: { accept: "text/event-stream" },
  });
  if (!response.body) throw new Error("the feed has no body");
  let text = "";
  // Leaving the loop closes the connection.
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (text + chunk).split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as WireEvent;
      if (isIt(event)) return event;
    }
  }
  throw new Error("the feed ended");
}
