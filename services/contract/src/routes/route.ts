import * as z from "zod";

import { agentIdSchema, goalIdSchema, projectKeySchema, sessionIdSchema } from "../ids.ts";
import type { ProblemCode } from "../problem.ts";

/**
 * Who may call a route: anybody, a holder of an API key, or also the holder of the session's token.
 * `named`: like `session`, but the body names the session.
 */
export type Access = "public" | "fleet" | "session" | "named";

export interface Route {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** OpenAPI template: `{name}` is a path parameter. */
  path: string;
  summary: string;
  access: Access;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** By content type; NDJSON gives the schema of one line. */
  body?: Readonly<Record<string, z.ZodType>>;
  /** The body holds transcript entries, which have limits of their own: each value is one, or those lines that say so. */
  entries?: "each" | "tagged";
  /** By status; a string is a content type that has no schema. */
  answers: Readonly<Record<number, z.ZodType | string>>;
  problems: readonly ProblemCode[];
}

export const contentTypes = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  mergePatch: "application/merge-patch+json",
  problem: "application/problem+json",
  eventStream: "text/event-stream",
} as const;

export const bySession = z.object({ sessionId: sessionIdSchema });
export const byProject = z.object({ projectKey: projectKeySchema });
export const byProjectSession = byProject.extend({ sessionId: sessionIdSchema });
export const byGoal = bySession.extend({ goalId: goalIdSchema });
export const byAgent = bySession.extend({ agentId: agentIdSchema });

export const readProblems = ["invalid_request", "session_not_found"] as const;
export const bodyProblems = [
  "malformed_json",
  "invalid_request",
  "invalid_content",
  "payload_too_large",
  "unsupported_media_type",
] as const;
export const storageProblems = [
  "storage_full",
  "storage_read_only",
  "overloaded",
  "draining",
] as const;
export const writeProblems = [
  ...bodyProblems,
  ...storageProblems,
  "session_not_found",
  "session_finalized",
  "stale_epoch",
  "rate_limited",
] as const;
