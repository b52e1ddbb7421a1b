import { Agent, request, secureRequest } from "./platform.ts";

export interface RawRequest {
  method: string;
  /** Sent as it is: nothing is normalised or escaped. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface AnswerStream {
  status: number;
  headers: RawAnswer["headers"];
  chunks: AsyncIterable<string>;
}

/** Plain requests on kept-alive connections; `fetch` would rewrite paths and forbid a Host header. */
export function createTransport(baseUrl: string) {
  const base = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const prefix = base.pathname.replace(/\/$/, "");
  const open = new Set<() => void>();

  /** Resolves with the head of the answer; its body is read as it comes. */
  function stream({ method, path, headers = {}, body }: RawRequest): Promise<AnswerStream> {
    const { promise, resolve, reject } = settle<AnswerStream>();
    const start = base.protocol === "https:" ? secureRequest : request;
    const outgoing = start({
      ...(base.protocol === "http:" && { agent }),
      hostname: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      method,
      path: `${prefix}${path}`,
      headers: { ...headers, ...(body !== undefined && { "content-length": byteLength(body) }) },
    });
    const destroy = () => outgoing.destroy();
    open.add(destroy);
    outgoing.once("close", () => open.delete(destroy));
    // A service may answer 413 and close before it read the body: then the answer came first.
    outgoing.on("error", reject);
    outgoing.once("response", (answer) => {
      answer.setEncoding("utf8");
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, chunks: answer });
    });
    outgoing.end(body);
    return promise;
  }

  return {
    stream,
    async send(rawRequest: RawRequest): Promise<RawAnswer> {
      const { status, headers, chunks } = await stream(rawRequest);
      let text = "";
      for await (const chunk of chunks) text += chunk;
      return { status, headers, text };
    },
    close() {
      for (const destroy of open) destroy();
      agent.destroy();
    },
  };
}

const byteLength = (body: string | Uint8Array) =>
  typeof body === "string" ? new TextEncoder().encode(body).length : body.length;

/** A promise and what settles it; `Promise.withResolvers` needs Node 22. */
export function settle<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
