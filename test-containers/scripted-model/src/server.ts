import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import type { MessagesRequest } from "./conversation.ts";
import { createMessage } from "./message.ts";
import { createPlayer, type Move } from "./player.ts";
import { type Rule, ScriptError } from "./script.ts";
import { streamEvents, toServerSentEvent } from "./stream.ts";

/** One request and what was answered. */
export interface Exchange {
  method: string;
  path: string;
  status: number;
  /** Of the CLI's own headers; empty when it sent none. */
  sessionId: string;
  agentId: string;
  stream: boolean;
  messages: number;
  /** Index into the script, -1 outside of one. */
  step: number;
  /** Names of the called tools, "text", or the status. */
  answer: string;
}

export interface ScriptedModelOptions {
  /** 0: any free port. */
  port?: number;
  host?: string;
  /** For prompts without a script of their own. */
  rules?: readonly Rule[];
  onExchange?: (exchange: Exchange) => void;
}

export interface ScriptedModel {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  close(): Promise<void>;
}

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

export async function startScriptedModel(
  options: ScriptedModelOptions = {},
): Promise<ScriptedModel> {
  const { port = 0, host = "127.0.0.1", rules = [], onExchange = () => {} } = options;
  const play = createPlayer(rules);

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    const path = new URL(req.url ?? "/", "http://model").pathname;
    const exchange: Exchange = {
      method: req.method ?? "",
      path,
      status: 200,
      sessionId: header(req, "x-claude-code-session-id"),
      agentId: header(req, "x-claude-code-agent-id"),
      stream: false,
      messages: 0,
      step: -1,
      answer: "",
    };
    res.once("close", () => onExchange({ ...exchange, status: res.statusCode }));

    if (req.method !== "POST") return sendOther(res, path);
    const request = JSON.parse(body.toString()) as MessagesRequest;
    exchange.messages = request.messages.length;
    if (path === "/v1/messages/count_tokens")
      return sendJson(res, 200, { input_tokens: Math.ceil(body.length / 4) });
    if (path !== "/v1/messages") return sendError(res, 404, `no ${path} here`);

    const move = play(request, `${exchange.sessionId} ${exchange.agentId}`);
    Object.assign(exchange, { stream: request.stream === true, ...describe(move) });
    const first = Array.isArray(move.play) ? move.play[0] : move.play;
    if (first?.delayMs) await delay(first.delayMs);
    if ("status" in move.play) return sendError(res, move.play.status, "the script says so");

    const message = createMessage(move.play, request.model, body.length);
    if (!request.stream) return sendJson(res, 200, message);
    res.writeHead(200, { "content-type": "text/event-stream", "request-id": message.id });
    for (const event of streamEvents(message)) res.write(toServerSentEvent(event));
    res.end();
  }

  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      const status = error instanceof ScriptError || error instanceof SyntaxError ? 400 : 500;
      sendError(res, status, String(error));
    });
  });
  server.listen(port, host);
  await once(server, "listening");

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const header = (req: IncomingMessage, name: string) => String(req.headers[name] ?? "");

function describe({ step, play }: Move): Pick<Exchange, "step" | "answer"> {
  if ("status" in play) return { step, answer: String(play.status) };
  const parts = Array.isArray(play) ? play : [play];
  return { step, answer: parts.map((part) => ("tool" in part ? part.tool : "text")).join(" ") };
}

function sendOther(res: ServerResponse, path: string): void {
  if (path === "/v1/models") sendJson(res, 200, { data: [], has_more: false });
  else if (path === "/") sendJson(res, 200, { service: "scripted-model" });
  else sendError(res, 404, `no ${path} here`);
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(value));
}

function sendError(res: ServerResponse, status: number, message: string): void {
  if (res.headersSent) return void res.destroy();
  const error = { type: errorTypes[status] ?? "api_error", message };
  sendJson(res, status, { type: "error", error, request_id: `req_${randomUUID()}` });
}
