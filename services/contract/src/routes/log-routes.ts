import * as z from "zod";

import { commandSchema, historyPageSchema } from "../event.ts";
import * as query from "../query.ts";
import * as record from "../record.ts";
import { type Route, bySession, contentTypes, readProblems, writeProblems } from "./route.ts";

const { json, ndjson } = contentTypes;

const appendRoute = (path: string, summary: string, input: z.ZodType) =>
  ({
    method: "post",
    path,
    summary,
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: z.union([input, z.array(input)]), [ndjson]: input },
    answers: { 200: z.union([record.batchReceiptSchema, record.appendReceiptSchema]) },
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

export const logRoutes = {
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
  appendEvents: {
    method: "post",
    path: "/api/sessions/{sessionId}/events",
    summary: "A batch of commands of any kind: in order, whole or not at all, each id once",
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: z.array(commandSchema), [ndjson]: commandSchema },
    entries: "tagged",
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
} as const satisfies Record<string, Route>;
