import {
  type Problem,
  type ProblemCode,
  type RouteName,
  appendReceiptSchema,
  batchReceiptSchema,
  contentTypes,
  routes,
} from "../src/index.ts";
import { type AnswerBody, parseAnswer, parseAs, parseProblem } from "./answer.ts";
import type { Target } from "./conformance-case.ts";
import { openEventStream } from "./event-stream.ts";
import { openSocket } from "./socket.ts";
import { type RawAnswer, type RawRequest, createTransport } from "./transport.ts";

export interface Call {
  /** Path parameters; the values are percent-encoded. */
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number>> | string;
  headers?: Readonly<Record<string, string>>;
  /** Bytes and text go as they are, anything else as JSON. */
  body?: unknown;
}

/** Talks to the service the way a stranger would, and checks each answer against the contract. */
export function createClient(target: Target) {
  const transport = createTransport(target.baseUrl);
  const closers: (() => void)[] = [() => transport.close()];
  const run = crypto.randomUUID().slice(0, 13);
  let ids = 0;

  const raw = (name: RouteName, call: Call = {}): Promise<RawAnswer> =>
    transport.send(build(name, call, target.apiKey));

  async function ok<Name extends RouteName>(
    name: Name,
    call: Call = {},
  ): Promise<AnswerBody<Name>> {
    return parseAnswer(name, await raw(name, call));
  }

  const newId = (label = "s") => `conf-${label}-${run}-${(ids += 1)}`;

  return {
    target,
    raw,
    /** Calls a route that must do what is asked. */
    ok,
    /** A new id that no other case uses. */
    newId,

    send: (request: RawRequest): Promise<RawAnswer> =>
      transport.send({
        ...request,
        headers: { ...credentials(target.apiKey), ...request.headers },
      }),

    /** Calls a route that must refuse with this code. */
    async refused(name: RouteName, code: ProblemCode, call: Call = {}): Promise<Problem> {
      return parseProblem(await raw(name, call), code, name);
    },

    /** A new session. @returns its id */
    async session(input: Readonly<Record<string, unknown>> = {}): Promise<string> {
      const sessionId = newId();
      await ok("createSession", { body: { sessionId, ...input } });
      return sessionId;
    },

    /** Appends one record. @returns its receipt */
    async append(sessionId: string, record: unknown, to: LogRoute = "appendActions") {
      const answer = await raw(to, { params: { sessionId }, body: record });
      parseAnswer(to, answer);
      return parseAs(appendReceiptSchema, answer.text, "the receipt");
    },

    /** Appends records in one request. @returns the batch's receipt */
    async appendBatch(
      sessionId: string,
      records: readonly unknown[],
      to: LogRoute = "appendActions",
    ) {
      const answer = await raw(to, { params: { sessionId }, body: records });
      parseAnswer(to, answer);
      return parseAs(batchReceiptSchema, answer.text, "the receipt");
    },

    /** Work that goes on beside a case: the case awaits it, unless it fails before. */
    alongside<T>(work: Promise<T>): Promise<T> {
      // A case that failed has closed its client; that its work then fails too says nothing.
      work.catch(() => {});
      return work;
    },

    async socket(query = "", token = target.apiKey) {
      const socket = await openSocket(target.baseUrl, query, credentials(token));
      closers.push(() => socket.terminate());
      return socket;
    },

    async eventStream(name: "getEvents" | "getFeed", call: Call = {}) {
      const headers = { accept: contentTypes.eventStream, ...call.headers };
      return openEventStream(
        await transport.stream(build(name, { ...call, headers }, target.apiKey)),
      );
    },

    close() {
      for (const close of closers) close();
    },
  };
}

function build(
  name: RouteName,
  { params = {}, query = {}, headers, body }: Call,
  token: string | undefined,
): RawRequest {
  const path = routes[name].path.replace(/\{(\w+)\}/g, (_all, parameter: string) =>
    encodeURIComponent(params[parameter] ?? ""),
  );
  const search = typeof query === "string" ? query : searchOf(query);
  return {
    method: routes[name].method.toUpperCase(),
    path: search === "" ? path : `${path}?${search}`,
    headers: {
      ...credentials(token),
      ...(body !== undefined && { "content-type": contentTypes.json }),
      ...headers,
    },
    ...(body !== undefined && { body: textOf(body) }),
  };
}

const credentials = (token: string | undefined): Record<string, string> =>
  token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` };

export type Client = ReturnType<typeof createClient>;
type LogRoute = "appendActions" | "appendResponses";

const searchOf = (query: Readonly<Record<string, string | number>>) =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");

function textOf(body: unknown): string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}
