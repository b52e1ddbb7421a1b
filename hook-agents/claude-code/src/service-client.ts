import * as http from "node:http";
import * as https from "node:https";

import { isObject, textOf } from "./mapping/payload.ts";

/** What the service said. */
export interface Reply {
  readonly status: number;
  /** undefined when it was no JSON. */
  readonly body: unknown;
  /** Of a refusal. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export interface CallOptions {
  /** Sent as JSON; a text as NDJSON. */
  readonly body?: unknown;
  readonly epoch?: number | undefined;
}

/** Calls of the service besides the hook agents' batches. */
export interface ServiceClient {
  /** Rejects when there is no whole answer in time. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** An answer of NDJSON line by line, however long it is. Throws a `Refusal`. */
  lines(path: string): AsyncGenerator<string>;
}

/** The service has answered, but not with what was asked for. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(textOf(reply.body, "detail") ?? `the service answers ${reply.status}`);
    this.reply = reply;
  }
}

const timeoutMs = 10_000;

// node:http and not fetch: that loads for 150 ms and more, in which no hook is answered.
export function createServiceClient(serviceUrl: string, token: string | undefined): ServiceClient {
  const { request } = serviceUrl.startsWith("https:") ? https : http;

  function send(method: string, path: string, { body, epoch }: CallOptions, accept: string) {
    const isLines = typeof body === "string";
    const text = isLines ? body : body === undefined ? "" : JSON.stringify(body);
    return new Promise<http.IncomingMessage>((resolve, reject) => {
      const call = request(`${serviceUrl}${path}`, {
        method,
        headers: {
          accept,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && {
            "content-type": isLines ? "application/x-ndjson" : "application/json",
            "content-length": Buffer.byteLength(text),
          }),
          ...(epoch !== undefined && { "lease-epoch": epoch }),
        },
      });
      // Of silence, not in all: a transcript takes as long as it takes.
      call.setTimeout(timeoutMs, () => call.destroy(new Error("the service does not answer")));
      call.on("response", resolve);
      call.on("error", reject);
      call.end(text);
    });
  }

  return {
    async call(method, path, options = {}) {
      return replyOf(await send(method, path, options, "application/json"));
    },
    async *lines(path) {
      const response = await send("GET", path, {}, "application/x-ndjson");
      if (response.statusCode !== 200) throw new Refusal(await replyOf(response));
      yield* linesOf(response as AsyncIterable<Buffer>);
    },
  };
}

/** Only a line feed ends a line: node:readline takes U+2028 for one, which JSON texts may hold. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
      if (line.length > 0) yield line.toString();
    }
    rest.push(chunk.subarray(start));
  }
  if (rest.some((part) => part.length > 0)) throw new Error("the service has cut its answer");
}

async function replyOf(response: http.IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = parse(Buffer.concat(chunks).toString());
  const retryAfter = Number(response.headers["retry-after"]);
  return {
    status: response.statusCode ?? 0,
    body,
    code: isObject(body) ? textOf(body, "code") : undefined,
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1_000 : undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
