import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as delay } from "node:timers/promises";

import { SessionStoreError } from "./api.ts";

export interface Call {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Below the service's URL, without a slash at its start. */
  readonly path: string;
  readonly body?: unknown;
}

/** A refusal that the caller knows what to do about. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

export interface HttpClient {
  /**
   * Calls until the service answers or the time is over; throws `unavailable` then.
   * @param read the answer's body; once more from its start when it broke off
   * @returns what `read` gives, or the service's problem
   */
  call<Result>(
    call: Call,
    timeoutMs: number,
    read: (body: AsyncIterable<Buffer>) => Promise<Result>,
  ): Promise<{ result: Result } | { problem: Problem }>;
  close(): void;
}

interface Attempt<Result> {
  readonly outcome?: { result: Result } | { problem: Problem };
  /** Why it has to be made again. */
  readonly reason?: string;
  readonly retryAfterMs?: number;
}

const retriedStatuses = new Set([408, 425, 429]);
const longestWaitMs = 2_000;

export function createHttpClient(serviceUrl: string, token: string | undefined): HttpClient {
  const base = new URL(serviceUrl.endsWith("/") ? serviceUrl : `${serviceUrl}/`);
  const { Agent, request } = base.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  const send = ({ method, path, body }: Call, silenceMs: number): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        accept: "application/json, application/x-ndjson",
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json && { "content-type": "application/json", "content-length": json.length }),
      };
      const call = request(new URL(path, base), { method, agent, headers });
      call.setTimeout(silenceMs, () => call.destroy(new Error(`silent for ${silenceMs} ms`)));
      call.on("error", reject);
      call.on("response", resolve);
      call.end(json);
    });

  const attempt = async <Result>(
    call: Call,
    silenceMs: number,
    read: (body: AsyncIterable<Buffer>) => Promise<Result>,
  ): Promise<Attempt<Result>> => {
    try {
      const response = await send(call, silenceMs);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return { outcome: { result: await read(response) } };
      const problem = problemOf(status, await textOf(response));
      if (status < 500 && !retriedStatuses.has(status)) return { outcome: { problem } };
      return {
        reason: `${status} ${problem.code}`,
        retryAfterMs: 1_000 * Number(response.headers["retry-after"] ?? 0) || 0,
      };
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    async call(call, timeoutMs, read) {
      const deadline = performance.now() + timeoutMs;
      for (let waitMs = 50; ; waitMs = Math.min(longestWaitMs, 2 * waitMs)) {
        const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
        const { outcome, reason, retryAfterMs = 0 } = await attempt(call, leftMs, read);
        if (outcome) return outcome;
        const pauseMs = Math.max(retryAfterMs, waitMs * (0.5 + Math.random()));
        if (performance.now() + pauseMs >= deadline)
          throw new SessionStoreError(
            "unavailable",
            `the session store at ${base.origin} does not answer ${call.method} ${call.path}: ${reason}`,
          );
        await delay(pauseMs);
      }
    },
    close: () => agent.destroy(),
  };
}

export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function problemOf(status: number, text: string): Problem {
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    if (typeof code === "string") return { status, code, detail: String(detail) };
  } catch {
    // Something else than the service answers there.
  }
  return { status, code: "", detail: `the answer was ${status} and no problem of the service` };
}
