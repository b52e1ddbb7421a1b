import { STATUS_CODES } from "node:http";

import {
  type Access,
  type ProblemCode,
  type Route,
  type RouteName,
  clientFrameSchema,
  contentTypes,
  problemSchema,
  problems,
  recordSchema,
  routes,
  serverFrameSchema,
  sessionEventSchema,
  socketPath,
} from "@sessions/contract";
import * as z from "zod";
import {
  type CreateDocumentOptions,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
  createDocument,
} from "zod-openapi";

const headers = {
  ifMatch: z.string().exactOptional().meta({
    description: 'The expected version, `"7"`; another one is answered with 412. `*` matches any.',
  }),
  idempotencyKey: z.string().exactOptional().meta({
    description: "Names the batch: entries without a `uuid` are stored once for each key.",
  }),
  leaseEpoch: z.string().exactOptional().meta({
    description: "The epoch of the lease under which the client writes; another one is a 412.",
  }),
  lastEventId: z
    .string()
    .exactOptional()
    .meta({ description: "Event streams: the last `id:` received; like `after`." }),
  etag: z.string().meta({ description: 'The version of the state, in quotes: `"7"`.' }),
  retryAfter: z
    .string()
    .meta({ description: "Seconds to wait before the request is worth repeating." }),
};

/** What a route answers besides JSON, chosen by `Accept`. */
const furtherAnswers: Partial<Record<RouteName, Readonly<Record<string, z.ZodType | undefined>>>> =
  {
    getActions: { [contentTypes.ndjson]: recordSchema },
    getResponses: { [contentTypes.ndjson]: recordSchema },
    getEvents: { [contentTypes.ndjson]: sessionEventSchema, [contentTypes.eventStream]: undefined },
  };
const requestHeaders: Partial<Record<RouteName, z.ZodObject>> = {
  patchState: z.object({ "If-Match": headers.ifMatch }),
  getEvents: z.object({ "Last-Event-ID": headers.lastEventId }),
  getFeed: z.object({ "Last-Event-ID": headers.lastEventId }),
  appendEntries: z.object({ "Idempotency-Key": headers.idempotencyKey }),
};
const answersWithEtag: readonly RouteName[] = ["getState", "patchState"];
/** Statuses that a client answers by waiting. */
const retriedStatuses: readonly number[] = [429, 503, 507];

const keyOrToken = [{ apiKey: [] }, { sessionToken: [] }];
const security: Record<Access, Record<string, string[]>[]> = {
  public: [],
  fleet: [{ apiKey: [] }],
  session: keyOrToken,
  named: keyOrToken,
};
/** Any route may answer with these. */
const problemsOfAll = ["host_not_allowed", "origin_not_allowed", "internal"] as const;
const problemsOfCredentials = ["unauthorized", "forbidden"] as const;

const tags: readonly [prefix: string, tag: string][] = [
  ["/api/sessions", "Sessions"],
  ["/api/actions", "Logs"],
  ["/api/state", "State"],
  ["/v1/store", "Transcripts"],
  ["/api/query", "Query"],
  ["/api/events", "Live"],
];

const tagOf = (path: string) => tags.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "Service";

function problemAnswers(route: Route): ZodOpenApiResponsesObject {
  const codes = [
    ...new Set<ProblemCode>([
      ...route.problems,
      ...(route.access === "public" ? [] : problemsOfCredentials),
      ...problemsOfAll,
    ]),
  ];
  const statuses = [...new Set(codes.map((code) => problems[code].status))];
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: codes
          .filter((code) => problems[code].status === status)
          .map((code) => `\`${code}\`: ${problems[code].title}.`)
          .join(" "),
        content: { [contentTypes.problem]: { schema: problemSchema } },
        ...(retriedStatuses.includes(status) && {
          headers: z.object({ "Retry-After": headers.retryAfter.exactOptional() }),
        }),
      },
    ]),
  );
}

function answers(name: RouteName, route: Route): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [
      status,
      {
        description: STATUS_CODES[status] ?? "OK",
        content: {
          ...(typeof answer === "string"
            ? { [answer]: {} }
            : { [contentTypes.json]: { schema: answer } }),
          ...contentOf(furtherAnswers[name] ?? {}),
        },
        ...(answersWithEtag.includes(name) && { headers: z.object({ ETag: headers.etag }) }),
      },
    ]),
  );
}

const contentOf = (schemas: Readonly<Record<string, z.ZodType | undefined>>) =>
  Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => [type, schema === undefined ? {} : { schema }]),
  );

/** Whatever writes under a lease takes its epoch. */
function headersOf(name: RouteName, { problems: codes }: Route): z.ZodObject | undefined {
  const own = requestHeaders[name];
  if (!codes.includes("stale_epoch") || name === "releaseLease") return own;
  return z.object({ ...own?.shape, "Lease-Epoch": headers.leaseEpoch });
}

function operation(name: RouteName, route: Route): ZodOpenApiOperationObject {
  const header = headersOf(name, route);
  return {
    operationId: name,
    tags: [tagOf(route.path)],
    summary: route.summary,
    security: security[route.access],
    requestParams: {
      ...(route.params && { path: route.params }),
      ...(route.query && { query: route.query }),
      ...(header && { header }),
    },
    ...(route.body && { requestBody: { required: true, content: contentOf(route.body) } }),
    responses: { ...answers(name, route), ...problemAnswers(route) },
  };
}

function paths(): ZodOpenApiPathsObject {
  const all: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    all[route.path] = { ...all[route.path], [route.method]: operation(name, route) };
  }
  return all;
}

/** Answers may gain members, so they are not described as closed; `format` says what the date pattern does. */
const override: NonNullable<CreateDocumentOptions["override"]> = ({
  jsonSchema,
  zodSchema,
  io,
}) => {
  const { def } = zodSchema._zod;
  if (io === "output" && def.type === "object" && def.catchall === undefined) {
    delete jsonSchema.additionalProperties;
  }
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
};

/** Describes every route of the contract. @returns an OpenAPI 3.1 document, ready for `JSON.stringify` */
export function createOpenApiDocument(version: string): OpenApiDocument {
  const document: ZodOpenApiObject = {
    openapi: "3.1.1",
    info: {
      title: "Agent Session Store",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "A durable session store for agents that run in containers. A 2xx answer to a write means that it is on disk. " +
        `Live frames come over a WebSocket at \`${socketPath}\` (\`ServerFrame\`, \`ClientFrame\`) or as an event stream. ` +
        "With `AUTH=off` on loopback no credentials are asked for.",
    },
    servers: [{ url: "/" }],
    paths: paths(),
    components: {
      schemas: { ServerFrame: serverFrameSchema, ClientFrame: clientFrameSchema },
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "One of the service's API keys." },
        sessionToken: {
          type: "http",
          scheme: "bearer",
          description: "The `writeToken` of the session, answered once when it was created.",
        },
      },
    },
  };
  return createDocument(document, { override });
}

export type OpenApiDocument = ReturnType<typeof createDocument>;
