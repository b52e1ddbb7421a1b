import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { startScriptedModel } from "@sessions/scripted-model";
import { onTestFinished } from "vitest";

interface Block {
  type: string;
  text?: string;
  name?: string;
  input?: unknown;
  content?: unknown;
}
interface Request {
  tools?: readonly unknown[];
  messages: readonly { role: string; content: string | readonly Block[] }[];
}

/** A request of the main agent or, with `agentId`, of a subagent. */
export interface Heard {
  readonly sessionId: string;
  readonly agentId: string;
  /** What was said and done, without what the CLI adds to it: `user: text`, `assistant: Bash {…}`, `user: result`. */
  readonly said: readonly string[];
}

export interface RecordingModel {
  readonly url: string;
  readonly heard: Heard[];
}

/** The scripted model, and what it was asked. */
export async function startRecordingModel(): Promise<RecordingModel> {
  const model = await startScriptedModel();
  const heard: Heard[] = [];
  const server = createServer((req, res) => {
    const relay = async () => {
      const body = await buffer(req);
      if (req.url?.startsWith("/v1/messages") && !req.url.includes("count_tokens"))
        hear(JSON.parse(body.toString()) as Request, req.headers);
      const headers = new Headers();
      for (const [name, value] of Object.entries(req.headers))
        if (typeof value === "string" && !hopByHop.has(name)) headers.set(name, value);
      const method = req.method ?? "GET";
      const answer = await fetch(model.url + (req.url ?? "/"), {
        method,
        headers,
        ...(method === "POST" && { body }),
      });
      res.writeHead(answer.status, {
        "content-type": answer.headers.get("content-type") ?? "application/json",
      });
      res.end(Buffer.from(await answer.arrayBuffer()));
    };
    relay().catch(() => res.destroy());
  });
  const hear = (request: Request, headers: NodeJS.Dict<string | string[]>) => {
    // Without tools it is about a title, not a turn.
    if (!request.tools?.length) return;
    heard.push({
      sessionId: String(headers["x-claude-code-session-id"] ?? ""),
      agentId: String(headers["x-claude-code-agent-id"] ?? ""),
      said: request.messages
        .filter(({ role }) => role !== "system")
        .flatMap(({ role, content }) =>
          (typeof content === "string" ? [{ type: "text", text: content }] : content)
            .map((block) => textOf(block))
            .filter((text) => !text.trimStart().startsWith("<system-reminder>"))
            .map((text) => `${role}: ${text}`),
        ),
    });
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await model.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const hopByHop = new Set(["host", "connection", "content-length", "transfer-encoding", "expect"]);

function textOf({ type, text, name, input, content }: Block): string {
  switch (type) {
    case "tool_use":
      return `${name} ${JSON.stringify(input)}`;
    case "tool_result":
      return `result ${JSON.stringify(content)}`;
    default:
      return text ?? type;
  }
}
