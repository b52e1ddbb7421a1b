import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HookServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HookServerOptions {
  readonly port: number;
  /** Takes a hook; what it does is done when it returns, because then the hook is answered. */
  readonly onHook: (body: Buffer, pid: number | undefined) => void;
  /** Told by `GET /status`. */
  readonly status: () => object;
}

/** Header of the command hook: the id of the Claude process. */
export const processHeader = "x-claude-pid";
/** Header of every answer: that it is a relay, and not something else on its port. */
export const relayHeader = "x-session-hook";

/** PostToolUse of Edit carries the whole file; a hook past this is refused. */
const maxBodyBytes = 67_108_864;

/** Rejects when the port is taken. */
export async function openHookServer(options: HookServerOptions): Promise<HookServer> {
  const server = createServer({ keepAlive: true }, (req, res) => {
    res.setHeader(relayHeader, "1");
    if (!isLocal(req, server)) return answer(res, 403);
    if (req.method === "GET" && req.url === "/status") return sendStatus(res, options.status());
    if (req.method !== "POST" || req.url !== "/hook") return answer(res, 404);
    if (!req.headers["content-type"]?.startsWith("application/json")) return answer(res, 415);
    takeBody(req, (body) => {
      if (!body) return answer(res, 413);
      const pid = Number(req.headers[processHeader]);
      options.onHook(body, Number.isInteger(pid) && pid > 0 ? pid : undefined);
      answer(res, 204);
    });
  });
  // The CLI keeps one connection for a session's hooks, and a session may think for long.
  server.keepAliveTimeout = 3_600_000;
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

/** A web page can reach loopback, but not without an Origin or with this Host. */
function isLocal(req: IncomingMessage, server: Server): boolean {
  const { port } = server.address() as AddressInfo;
  const isHost = [`127.0.0.1:${port}`, `localhost:${port}`].includes(req.headers.host ?? "");
  return isHost && req.headers.origin === undefined && req.headers["sec-fetch-site"] === undefined;
}

function takeBody(req: IncomingMessage, take: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  req.on("end", () => take(bytes <= maxBodyBytes ? Buffer.concat(chunks) : undefined));
}

function answer(res: ServerResponse, status: number): void {
  res.writeHead(status).end();
}

function sendStatus(res: ServerResponse, status: object): void {
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status));
}
