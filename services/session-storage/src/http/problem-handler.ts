import { type Problem, contentTypes, problems } from "@sessions/contract";
import type { ErrorRequestHandler } from "express";
import type { Logger } from "pino";

import { ServiceError } from "../domain/errors.ts";
import { sendJson } from "./send.ts";

/** The only place where an error becomes a status. */
export function problemHandler(log: Pick<Logger, "error">): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toServiceError(thrown);
    if (error.code === "internal") log.error({ err: thrown, url: req.url }, "unhandled error");
    if (res.headersSent) {
      // The answer is half out: the only honest end is a broken one.
      res.destroy();
      return;
    }
    sendJson(res, problems[error.code].status, toProblem(error, req.path), {
      "content-type": contentTypes.problem,
      ...(error.retryAfterMs !== undefined && {
        "retry-after": Math.max(1, Math.ceil(error.retryAfterMs / 1_000)),
      }),
      ...(error.code === "unauthorized" && { "www-authenticate": 'Bearer realm="sessions"' }),
      // What was not read of the body would be taken for the next request.
      ...(!req.complete && { connection: "close" }),
    });
  };
}

export function toProblem(error: ServiceError, instance: string): Problem {
  const { status, title } = problems[error.code];
  return {
    type: `urn:sessions:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    instance,
    code: error.code,
    ...(error.errors && { errors: error.errors }),
    ...error.members,
    error: error.message,
    success: false,
    timestamp: new Date().toISOString(),
  };
}

export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  // Express throws this for a path such as `/%ff`.
  if (error instanceof URIError)
    return new ServiceError("invalid_request", "the path is not valid percent-encoded UTF-8");
  return new ServiceError("internal", "internal error", { cause: error });
}
