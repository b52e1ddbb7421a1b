import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Command, ProblemCode } from "@sessions/contract";
import { onTestFinished } from "vitest";

export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface ScriptedService {
  readonly url: string;
  /** Every batch that came, in order, whatever was answered. */
  readonly batches: Command[][];
  readonly headers: Record<string, string | string[] | undefined>[];
  /** Times of arrival, `performance.now()`. */
  readonly times: number[];
}

/** Stands in for answers that the real service can't be brought to give. */
export async function startScriptedService(
  answer: (batch: Command[], request: number) => ScriptedAnswer | "stored" | "silence",
): Promise<ScriptedService> {
  const batches: Command[][] = [];
  const headers: ScriptedService["headers"] = [];
  const times: number[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      const text = Buffer.concat(parts).toString().trim();
      const batch = text.split("\n").map((line) => JSON.parse(line) as Command);
      batches.push(batch);
      headers.push(req.headers);
      times.push(performance.now());
      const said = answer(batch, batches.length);
      if (said === "silence") return;
      const { status, body, headers: extra } = said === "stored" ? stored(batch) : said;
      res.writeHead(status, { "content-type": "application/json", ...extra });
      res.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    headers,
    times,
  };
}

export function problem(status: number, code: ProblemCode, fields: string[] = []): ScriptedAnswer {
  const errors = fields.map((field) => ({ field, message: "is wrong" }));
  return { status, body: { status, code, detail: "no", ...(fields.length > 0 && { errors }) } };
}

function stored(batch: Command[]): ScriptedAnswer {
  const body = { success: true, accepted: batch.length, duplicates: 0, offset: batch.length };
  return { status: 200, body };
}
