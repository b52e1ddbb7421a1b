import * as http from "node:http";
import * as https from "node:https";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The Retry-After header, when there is one. */
  readonly retryAfterMs: number | undefined;
}

export interface Transport {
  /** Rejects when there is no whole answer in time. Does not keep the process alive. */
  post(body: Buffer): Promise<Answer>;
  close(): void;
}

export interface TransportOptions {
  readonly url: URL;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly leaseEpoch?: (() => number | undefined) | undefined;
}

const maxAnswerBytes = 1_048_576;

// node:http and not undici: it loads in 4 ms instead of 70, and its sockets can be unref'd for good.
export function createTransport({
  url,
  token,
  timeoutMs,
  leaseEpoch,
}: TransportOptions): Transport {
  const { Agent, request } = url.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    "content-type": "application/x-ndjson",
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
  };

  return {
    post: (body) =>
      new Promise((resolve, reject) => {
        const epoch = leaseEpoch?.();
        const call = request(url, {
          method: "POST",
          agent,
          headers: {
            ...headers,
            "content-length": body.length,
            ...(epoch !== undefined && { "lease-epoch": epoch }),
          },
          signal: AbortSignal.timeout(timeoutMs),
        });
        call.on("socket", (socket) => socket.unref());
        call.on("error", reject);
        call.on("response", (response) => {
          collect(response).then(
            (text) =>
              resolve({
                status: response.statusCode ?? 0,
                body: text,
                retryAfterMs: retryAfterOf(response),
              }),
            reject,
          );
        });
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

async function collect(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new Error("the answer is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfterOf({ headers }: http.IncomingMessage): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
