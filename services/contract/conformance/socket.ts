import {
  type ClientFrame,
  type ControlFrame,
  type WireEvent,
  eventDataSchemas,
  serverFrameSchema,
  sessionEventSchema,
  socketPath,
} from "../src/index.ts";
import { parseAs } from "./answer.ts";
import { WebSocket, assert } from "./platform.ts";
import { createQueue } from "./queue.ts";
import { type RawAnswer, settle } from "./transport.ts";

export type ServerFrame = ControlFrame | WireEvent;
type Named<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

class UpgradeRefused extends Error {
  readonly answer: RawAnswer;

  constructor(answer: RawAnswer) {
    super(`the upgrade was answered with ${answer.status} ${answer.text}`);
    this.answer = answer;
  }
}

/** @returns how the service refused a socket that may not open */
export async function upgradeRefusal(opening: Promise<Socket>): Promise<RawAnswer> {
  try {
    (await opening).terminate();
  } catch (error) {
    if (error instanceof UpgradeRefused) return error.answer;
    throw error;
  }
  throw new Error("the socket opened");
}

export async function openSocket(baseUrl: string, query: string, headers: Record<string, string>) {
  const url = `${baseUrl.replace(/^http/, "ws").replace(/\/$/, "")}${socketPath}${query}`;
  const socket = new WebSocket(url, { headers });
  const frames = createQueue<ServerFrame>("the socket");
  const messages: string[] = [];
  const opened = settle<void>();
  const closed = settle<{ code: number; reason: string }>();

  socket.on("message", (data: Uint8Array) => {
    const text = new TextDecoder().decode(data);
    messages.push(text);
    try {
      const parsed: unknown = JSON.parse(text);
      for (const frame of Array.isArray(parsed) ? parsed : [parsed]) frames.put(checkFrame(frame));
    } catch (error) {
      // Thrown here it would end the process; whoever takes the next frame gets it instead.
      frames.end(String(error));
    }
  });
  socket.once("open", () => opened.resolve());
  socket.once("unexpected-response", (_request, response) => {
    response.setEncoding("utf8");
    let text = "";
    response.on("data", (chunk: string) => (text += chunk));
    response.once("end", () => {
      const { statusCode: status = 0, headers } = response;
      opened.reject(new UpgradeRefused({ status, headers, text }));
    });
  });
  socket.on("error", (error) => opened.reject(error));
  socket.once("close", (code, reason) => {
    frames.end(`closed with ${code} ${String(reason)}`);
    closed.resolve({ code, reason: String(reason) });
  });
  await opened.promise;

  const next = () => frames.take();
  return {
    /** The texts received so far, unparsed. */
    messages,
    closed: closed.promise,
    next,
    /** Takes frames until one of this type comes. */
    async until<Type extends ServerFrame["type"]>(type: Type): Promise<Named<Type>> {
      for (;;) {
        const frame = await next();
        if (frame.type === type) return frame as Named<Type>;
      }
    },
    /** The next `count` events, whatever control frames come between. */
    async events(count: number): Promise<WireEvent[]> {
      const events: WireEvent[] = [];
      while (events.length < count) {
        const frame = await next();
        if ("offset" in frame) events.push(frame);
        else assert.notEqual(frame.type, "error", JSON.stringify(frame));
      }
      return events;
    },
    /** Resolves with the scopes that the service confirms. */
    async subscribe(
      sessions: string[],
      after?: Record<string, number>,
    ): Promise<readonly string[]> {
      socket.send(JSON.stringify({ type: "subscribe", sessions, after }));
      for (;;) {
        // What the address asked for may be confirmed too.
        const { sessions: confirmed } = await this.until("subscribed");
        if (sessions.every((scope) => confirmed.includes(scope))) return confirmed;
      }
    },
    send(frame: ClientFrame | Record<string, unknown> | string) {
      socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    terminate: () => socket.terminate(),
  };
}

export type Socket = Awaited<ReturnType<typeof openSocket>>;

/** An event of the history and a frame of the feed are the same thing, checked in one place. */
export function checkEvent(event: unknown): WireEvent {
  const text = JSON.stringify(event);
  const { type } = parseAs(sessionEventSchema, text, "an event");
  parseAs(eventDataSchemas[type], JSON.stringify((event as WireEvent).data), `the data of ${type}`);
  return event as WireEvent;
}

function checkFrame(frame: unknown): ServerFrame {
  parseAs(serverFrameSchema, JSON.stringify(frame), "a frame");
  return (frame as ServerFrame).type in eventDataSchemas
    ? checkEvent(frame)
    : (frame as ServerFrame);
}
