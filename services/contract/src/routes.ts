import * as z from "zod";

import { commandSchema, historyPageSchema } from "./event.ts";
import { healthSchema, livezSchema, readyzSchema } from "./health.ts";
import { agentIdSchema, goalIdSchema, sessionIdSchema } from "./ids.ts";
import type { ProblemCode } from "./problem.ts";
import * as query from "./query.ts";
import * as record from "./record.ts";
import * as session from "./session.ts";
import * as state from "./state.ts";

/**
 * Who may call a route: anybody, a holder of an API key, or also the holder of the session's token.
 * `named`: like `session`, but the body names the session.
 */
export type Access = "public" | "fleet" | "session" | "named";

export interface Route {
  method: "get" | "post" | "patch" | "delete";
  /** OpenAPI template: `{name}` is a path parameter. */
  path: string;
  summary: string;
  access: Access;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** By content type; NDJSON gives the schema of one line. */
  body?: Readonly<Record<string, z.ZodType>>;
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

const { json, ndjson, mergePatch } = contentTypes;
const bySession = z.object({ sessionId: sessionIdSchema });
const byGoal = bySession.extend({ goalId: goalIdSchema });
const byAgent = bySession.extend({ agentId: agentIdSchema });

const readProblems = ["invalid_request", "session_not_found"] as const;
const bodyProblems = [
  "malformed_json",
  "invalid_request",
  "invalid_content",
  "payload_too_large",
  "unsupported_media_type",
] as const;
const storageProblems = ["storage_full", "storage_read_only", "overloaded", "draining"] as const;
const writeProblems = [
  ...bodyProblems,
  ...storageProblems,
  "session_not_found",
  "session_finalized",
  "rate_limited",
] as const;

const appendRoute = (path: string, summary: string, input: z.ZodType) =>
  ({
    method: "post",
    path,
    summary,
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: z.union([input, z.array(input)]), [ndjson]: input },
    answers: { 200: z.union([record.appendReceiptSchema, record.batchReceiptSchema]) },
    problems: writeProblems,
  }) as const satisfies Route;

const logRoute = (path: string, summary: string) =>
  ({
    method: "get",
    path,
    summary,
    access: "session",
    params: bySession,
    query: query.logQuerySchema,
    answers: { 200: z.array(record.recordSchema) },
    problems: readProblems,
  }) as const satisfies Route;

/** Every route of the service, once: the service mounts it, OpenAPI describes it, the conformance suite calls it. */
export const routes = {
  createSession: {
    method: "post",
    path: "/api/sessions",
    summary: "Create a session, or meet it again: the same id and user never wipes anything",
    access: "named",
    query: query.appendQuerySchema,
    body: { [json]: session.createSessionSchema },
    answers: { 201: session.sessionCreatedSchema, 200: session.sessionCreatedSchema },
    problems: [...bodyProblems, ...storageProblems, "session_exists", "session_id_case_conflict"],
  },
  listSessions: {
    method: "get",
    path: "/api/sessions",
    summary: "A page of sessions, newest first",
    access: "fleet",
    query: query.listQuerySchema,
    answers: { 200: query.sessionPageSchema },
    problems: ["invalid_request"],
  },
  getSession: {
    method: "get",
    path: "/api/sessions/{sessionId}",
    summary: "A session whole, with the last records of its logs",
    access: "session",
    params: bySession,
    query: query.sessionViewQuerySchema,
    answers: { 200: session.sessionViewSchema },
    problems: readProblems,
  },
  patchMetadata: {
    method: "patch",
    path: "/api/sessions/{sessionId}/metadata",
    summary: "Merge patch of name, model, labels and tags",
    access: "session",
    params: bySession,
    body: {
      [json]: session.metadataPatchSchema,
      [mergePatch]: session.metadataPatchSchema,
    },
    answers: { 200: session.sessionMetadataSchema },
    problems: [...bodyProblems, ...storageProblems, "session_not_found"],
  },
  finalizeSession: {
    method: "post",
    path: "/api/sessions/{sessionId}/finalize",
    summary: "End a session with its outcome",
    access: "session",
    params: bySession,
    body: { [json]: session.finalizeSchema },
    answers: {
      200: z.object({ success: z.literal(true), offset: z.int(), final: session.finalSchema }),
    },
    problems: writeProblems,
  },
  deleteSession: {
    method: "delete",
    path: "/api/sessions/{sessionId}",
    summary: "Move a session to the trash",
    access: "session",
    params: bySession,
    query: query.deleteQuerySchema,
    answers: { 200: z.object({ success: z.literal(true), sessionId: z.string() }) },
    problems: [...readProblems, ...storageProblems, "session_running"],
  },
  appendEvents: {
    method: "post",
    path: "/api/sessions/{sessionId}/events",
    summary: "A batch of commands of any kind: in order, whole or not at all, each id once",
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: z.array(commandSchema), [ndjson]: commandSchema },
    answers: { 200: record.batchReceiptSchema },
    problems: [
      ...writeProblems,
      "goal_not_found",
      "goal_exists",
      "agent_not_found",
      "agent_exists",
      "session_exists",
      "session_id_case_conflict",
    ],
  },
  getEvents: {
    method: "get",
    path: "/api/sessions/{sessionId}/events",
    summary: "A session's whole history by offset; live as text/event-stream",
    access: "session",
    params: bySession,
    query: query.historyQuerySchema,
    answers: { 200: historyPageSchema },
    problems: readProblems,
  },
  getFeed: {
    method: "get",
    path: "/api/events",
    summary: "The live feed of all sessions as text/event-stream; cursors are positions",
    access: "fleet",
    query: query.feedQuerySchema,
    answers: { 200: contentTypes.eventStream },
    problems: ["invalid_request"],
  },
  appendActions: appendRoute(
    "/api/actions/{sessionId}",
    "Append actions",
    record.actionInputSchema,
  ),
  getActions: logRoute("/api/actions/{sessionId}", "The actions, oldest first"),
  appendResponses: appendRoute(
    "/api/actions/{sessionId}/responses",
    "Append responses",
    record.responseInputSchema,
  ),
  getResponses: logRoute("/api/actions/{sessionId}/responses", "The responses, oldest first"),
  getState: {
    method: "get",
    path: "/api/state/{sessionId}",
    summary: "The state document; its version is the ETag",
    access: "session",
    params: bySession,
    answers: { 200: state.stateSchema },
    problems: readProblems,
  },
  patchState: {
    method: "patch",
    path: "/api/state/{sessionId}",
    summary: "Change the state: deep merge, or RFC 7396 by content type; honours If-Match",
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: state.statePatchSchema, [mergePatch]: state.statePatchSchema },
    answers: { 200: state.stateSchema },
    problems: [...writeProblems, "version_mismatch"],
  },
  addGoal: {
    method: "post",
    path: "/api/state/{sessionId}/goals",
    summary: "Add a goal",
    access: "session",
    params: bySession,
    body: { [json]: state.goalInputSchema },
    answers: { 201: state.goalReceiptSchema },
    problems: [...writeProblems, "goal_exists"],
  },
  patchGoal: {
    method: "patch",
    path: "/api/state/{sessionId}/goals/{goalId}",
    summary: "Change a goal",
    access: "session",
    params: byGoal,
    body: { [json]: state.goalPatchSchema, [mergePatch]: state.goalPatchSchema },
    answers: { 200: state.goalReceiptSchema },
    problems: [...writeProblems, "goal_not_found"],
  },
  spawnAgent: {
    method: "post",
    path: "/api/state/{sessionId}/agents",
    summary: "Record a spawned agent",
    access: "session",
    params: bySession,
    body: { [json]: state.agentInputSchema },
    answers: { 201: state.agentReceiptSchema },
    problems: [...writeProblems, "agent_exists"],
  },
  completeAgent: {
    method: "post",
    path: "/api/state/{sessionId}/agents/{agentId}/complete",
    summary: "Record the end of a spawned agent",
    access: "session",
    params: byAgent,
    body: { [json]: state.agentCompletionSchema },
    answers: { 200: state.agentReceiptSchema },
    problems: [...writeProblems, "agent_not_found"],
  },
  recentSessions: {
    method: "get",
    path: "/api/query/recent",
    summary: "The sessions with the latest activity",
    access: "fleet",
    query: query.limitQuerySchema,
    answers: { 200: query.sessionListSchema },
    problems: ["invalid_request"],
  },
  activeSessions: {
    method: "get",
    path: "/api/query/active",
    summary: "The sessions that are not finalized",
    access: "fleet",
    query: query.limitQuerySchema,
    answers: { 200: query.sessionListSchema },
    problems: ["invalid_request"],
  },
  stats: {
    method: "get",
    path: "/api/query/stats",
    summary: "Counts over all sessions",
    access: "fleet",
    answers: { 200: query.statsSchema },
    problems: [],
  },
  search: {
    method: "get",
    path: "/api/query/search",
    summary: "Text across all sessions, bounded in time",
    access: "fleet",
    query: query.searchQuerySchema,
    answers: { 200: query.searchResultSchema },
    problems: ["invalid_request", "session_not_found"],
  },
  health: {
    method: "get",
    path: "/health",
    summary: "How the service is; the same at /api/health",
    access: "public",
    answers: { 200: healthSchema },
    problems: [],
  },
  apiHealth: {
    method: "get",
    path: "/api/health",
    summary: "How the service is",
    access: "public",
    answers: { 200: healthSchema },
    problems: [],
  },
  livez: {
    method: "get",
    path: "/livez",
    summary: "The process answers",
    access: "public",
    answers: { 200: livezSchema },
    problems: [],
  },
  readyz: {
    method: "get",
    path: "/readyz",
    summary: "The service takes writes",
    access: "public",
    answers: { 200: readyzSchema },
    problems: ["storage_full", "storage_read_only", "draining"],
  },
  metrics: {
    method: "get",
    path: "/metrics",
    summary: "Prometheus metrics",
    access: "fleet",
    answers: { 200: "text/plain" },
    problems: [],
  },
  openapi: {
    method: "get",
    path: "/openapi.json",
    summary: "This API as OpenAPI 3.1",
    access: "public",
    answers: { 200: contentTypes.json },
    problems: [],
  },
  docs: {
    method: "get",
    path: "/docs",
    summary: "This API to read in a browser",
    access: "public",
    answers: { 200: "text/html" },
    problems: [],
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** The WebSocket endpoint; its frames are `serverFrameSchema` and `clientFrameSchema`. */
export const socketPath = "/ws";
