import * as z from "zod";

import * as query from "../query.ts";
import * as session from "../session.ts";
import {
  type Route,
  bodyProblems,
  bySession,
  contentTypes,
  readProblems,
  storageProblems,
  writeProblems,
} from "./route.ts";

const { json, mergePatch } = contentTypes;

export const sessionRoutes = {
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
  restoreSession: {
    method: "post",
    path: "/api/sessions/{sessionId}/restore",
    summary: "Bring a deleted session back from the trash, as it was",
    access: "session",
    params: bySession,
    answers: {
      200: z.object({ success: z.literal(true), session: session.sessionMetadataSchema }),
    },
    problems: [...readProblems, ...storageProblems, "session_exists", "session_id_case_conflict"],
  },
} as const satisfies Record<string, Route>;
