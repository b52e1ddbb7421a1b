import * as z from "zod";

/** Every way a request can be refused. The code is the promise; status and title follow from it. */
export const problems = {
  malformed_json: { status: 400, title: "The body is not JSON" },
  invalid_request: { status: 400, title: "The request is not well formed" },
  unauthorized: { status: 401, title: "Credentials are missing or unknown" },
  forbidden: { status: 403, title: "The credentials do not allow this" },
  host_not_allowed: { status: 403, title: "The Host header is not allowed" },
  origin_not_allowed: { status: 403, title: "The Origin header is not allowed" },
  not_found: { status: 404, title: "There is no such route" },
  session_not_found: { status: 404, title: "There is no such session" },
  goal_not_found: { status: 404, title: "There is no such goal" },
  agent_not_found: { status: 404, title: "There is no such agent" },
  transcript_not_found: { status: 404, title: "There is no such transcript" },
  method_not_allowed: { status: 405, title: "The route has no such method" },
  session_exists: { status: 409, title: "The session exists already" },
  session_id_case_conflict: { status: 409, title: "Another session's id differs only by case" },
  session_finalized: { status: 409, title: "The session is finalized" },
  session_running: { status: 409, title: "The session is still running" },
  goal_exists: { status: 409, title: "The goal exists" },
  agent_exists: { status: 409, title: "The agent exists" },
  lease_held: { status: 409, title: "Another writer holds the session's lease" },
  version_mismatch: { status: 412, title: "There is another version" },
  stale_epoch: { status: 412, title: "The lease has another epoch" },
  payload_too_large: { status: 413, title: "The body is over a limit" },
  unsupported_media_type: { status: 415, title: "The content type is not supported here" },
  invalid_content: { status: 422, title: "The content is not valid" },
  rate_limited: { status: 429, title: "The session is over its rate limit" },
  internal: { status: 500, title: "Internal error" },
  overloaded: { status: 503, title: "The service is overloaded" },
  draining: { status: 503, title: "The service is shutting down" },
  storage_read_only: { status: 503, title: "The storage is read-only" },
  storage_full: { status: 507, title: "The volume is full" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** RFC 9457, plus `error`, `success` and `timestamp` for clients that knew those first. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(problemCodes),
    errors: z
      .array(
        z.object({
          /** JSON pointer into the body, `?name` for a query parameter, `:name` for a path parameter. */
          field: z.string(),
          message: z.string(),
        }),
      )
      .exactOptional(),
    error: z.string(),
    success: z.literal(false),
    timestamp: z.string(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;
export type FieldError = NonNullable<Problem["errors"]>[number];
