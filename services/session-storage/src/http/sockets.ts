import type { IncomingMessage, Server } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import {
  type ClientFrame,
  type ControlFrame,
  type FeedScope,
  clientFrameSchema,
  closeCodes,
  contentTypes,
  limits,
  socketPath,
  socketQuerySchema,
} from "@sessions/contract";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import type * as z from "zod";

import type { Authorizer, Principal } from "../access/authorize.ts";
import { ServiceError } from "../domain/errors.ts";
import { controlText } from "../live/frame.ts";
import type { Hub } from "../live/hub.ts";
import { createSocketSink } from "../live/socket-sink.ts";
import { parseRequest } from "./parse.ts";
import { toProblem, toServiceError } from "./problem-handler.ts";

export interface SocketsDependencies {
  hub: Hub;
  authorizer: Authorizer;
  newId(): string;
  version: string;
  log: Pick<Logger, "error">;
}

export interface Sockets {
  connections(): number;
  /** Ends the sockets whose clients did not close in time. */
  terminate(): void;
}

const pingMs = 20_000;
const authDeadlineMs = 10_000;

type Query = z.output<typeof socketQuerySchema>;

/** The WebSocket endpoint: who may connect, what a client may say, and the feeds it asked for. */
export function createSockets(server: Server, dependencies: SocketsDependencies): Sockets {
  const { hub, authorizer, newId, version, log } = dependencies;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.clientFrameBytes,
    // Frames are small and many: compressing each costs more than it saves.
    perMessageDeflate: false,
  });

  function refusal(error: unknown): ServiceError {
    const refused = toServiceError(error);
    if (refused.code === "internal") log.error({ err: error }, "unhandled error on a socket");
    return refused;
  }

  server.on("upgrade", (req: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    try {
      const url = new URL(req.url ?? "/", "http://localhost");
      if (url.pathname !== socketPath) throw new ServiceError("not_found", "no such route");
      const principal = authorizer.authenticate(req.headers);
      const query = parseRequest(socketQuerySchema, Object.fromEntries(url.searchParams), "query");
      sockets.handleUpgrade(req, stream, head, (socket) => serve(socket, principal, query));
    } catch (error) {
      refuse(stream, refusal(error), socketPath);
    }
  });

  function serve(socket: WebSocket, connectedAs: Principal, query: Query): void {
    let principal = connectedAs;
    const sink = createSocketSink(socket, query.batch);
    const detach = hub.attach(sink);
    const feeds = new Map<FeedScope, () => void>();
    const control = (frame: ControlFrame) => sink.send(controlText(frame));
    const feed = { userId: query.user, preview: query.preview };
    let isAlive = true;

    const ping = setInterval(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    }, pingMs).unref();
    const deadline = setTimeout(() => {
      if (principal.kind === "anonymous")
        socket.close(closeCodes.policyViolation, "no auth frame came");
    }, authDeadlineMs).unref();
    socket.on("pong", () => (isAlive = true));
    // `ws` closes the socket itself after an error; the client learns why from the close code.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(ping);
      clearTimeout(deadline);
      detach();
      for (const end of feeds.values()) end();
    });
    socket.on("message", (data, isBinary) => {
      try {
        hear(parseFrame(data as Buffer, isBinary));
      } catch (error) {
        const { code, message: detail } = refusal(error);
        control({ type: "error", code, detail });
      }
    });

    function allow(scope: FeedScope): void {
      if (scope === "*") authorizer.authorize(principal, "fleet");
      else authorizer.authorize(principal, "session", scope);
    }

    function subscribe(
      scopes: readonly FeedScope[],
      after: Readonly<Record<string, number>>,
    ): void {
      for (const scope of scopes) allow(scope);
      // All sessions include each: one of them twice would double its events.
      const added = scopes.includes("*") ? (["*"] as const) : scopes;
      if (added[0] === "*") unsubscribe([...feeds.keys()]);
      else if (feeds.has("*")) unsubscribe(["*"]);
      if (feeds.size + added.length > limits.subscriptions) {
        const detail = `a socket has at most ${limits.subscriptions} subscriptions (subscriptions)`;
        throw new ServiceError("invalid_content", detail);
      }
      control({ type: "subscribed", sessions: [...added] });
      for (const scope of added) {
        feeds.get(scope)?.();
        feeds.set(scope, hub.subscribe(sink, { ...feed, scope, after: after[scope] }));
      }
    }

    function unsubscribe(scopes: readonly FeedScope[]): void {
      for (const scope of scopes) {
        feeds.get(scope)?.();
        feeds.delete(scope);
      }
    }

    function begin(): void {
      const scope = query.session ?? "*";
      subscribe([scope], query.after === undefined ? {} : { [scope]: query.after });
    }

    function hear(frame: ClientFrame): void {
      switch (frame.type) {
        case "auth":
          principal = authorizer.authenticateToken(frame.token);
          control({ type: "authenticated" });
          begin();
          break;
        case "subscribe":
          subscribe(frame.sessions, frame.after ?? {});
          break;
        case "unsubscribe":
          unsubscribe(frame.sessions);
          control({ type: "unsubscribed", sessions: frame.sessions });
      }
    }

    control({
      type: "connected",
      connectionId: newId(),
      authenticated: principal.kind !== "anonymous",
      position: hub.position(),
      version,
      timestamp: new Date().toISOString(),
    });
    if (principal.kind === "anonymous") return;
    try {
      begin();
    } catch (error) {
      const { code, message: detail } = refusal(error);
      control({ type: "error", code, detail });
      socket.close(closeCodes.policyViolation, code);
    }
  }

  return {
    connections: () => sockets.clients.size,
    terminate() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

function parseFrame(data: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw new ServiceError("invalid_content", "frames are text");
  let value: unknown;
  try {
    value = JSON.parse(data.toString("utf8"));
  } catch (error) {
    throw new ServiceError("malformed_json", "the frame is not JSON", { cause: error });
  }
  return parseRequest(clientFrameSchema, value, "body");
}

/** There is no response object yet: the answer is written to the connection by hand. */
function refuse(stream: Duplex, error: ServiceError, instance: string): void {
  const problem = toProblem(error, instance);
  const body = JSON.stringify(problem);
  stream.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      "connection: close",
      `content-type: ${contentTypes.problem}`,
      `content-length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}
