import * as z from "zod";

import { transcriptQuerySchema, entriesQuerySchema } from "../query.ts";
import * as transcript from "../transcript.ts";
import {
  type Route,
  byProject,
  byProjectSession,
  bodyProblems,
  bySession,
  contentTypes,
  readProblems,
  storageProblems,
} from "./route.ts";

const { json, ndjson } = contentTypes;
const success = z.object({ success: z.literal(true) });

/** Transcripts, kept for those who resume: the shape of the Agent SDK's SessionStore. */
export const storeRoutes = {
  listTranscripts: {
    method: "get",
    path: "/api/sessions/{sessionId}/transcripts",
    summary: "The transcripts of a session, in all projects",
    access: "session",
    params: bySession,
    answers: { 200: transcript.transcriptListSchema },
    problems: readProblems,
  },
  appendEntries: {
    method: "post",
    path: "/v1/store/{projectKey}/sessions/{sessionId}/entries",
    summary: "Append entries to a transcript; makes the session when it is not there",
    access: "session",
    params: byProjectSession,
    query: transcriptQuerySchema,
    body: { [json]: z.array(transcript.entrySchema), [ndjson]: transcript.entrySchema },
    entries: "each",
    answers: { 200: transcript.entriesReceiptSchema },
    problems: [
      ...bodyProblems,
      ...storageProblems,
      "session_id_case_conflict",
      "stale_epoch",
      "rate_limited",
    ],
  },
  getEntries: {
    method: "get",
    path: "/v1/store/{projectKey}/sessions/{sessionId}/entries",
    summary: "The entries of a transcript as they were appended, an entry a line",
    access: "session",
    params: byProjectSession,
    query: entriesQuerySchema,
    answers: { 200: ndjson },
    problems: [...readProblems, "transcript_not_found"],
  },
  listSubkeys: {
    method: "get",
    path: "/v1/store/{projectKey}/sessions/{sessionId}/subkeys",
    summary: "The transcripts below a session's main one",
    access: "session",
    params: byProjectSession,
    answers: { 200: transcript.subkeysSchema },
    problems: ["invalid_request"],
  },
  getSummary: {
    method: "get",
    path: "/v1/store/{projectKey}/sessions/{sessionId}/summary",
    summary: "What a client folded of a main transcript, and how far that reaches",
    access: "session",
    params: byProjectSession,
    answers: { 200: transcript.storeSummarySchema },
    problems: [...readProblems, "transcript_not_found"],
  },
  putSummary: {
    method: "put",
    path: "/v1/store/{projectKey}/sessions/{sessionId}/summary",
    summary: "Keep what a client folded of a main transcript, unless another one was first",
    access: "session",
    params: byProjectSession,
    body: { [json]: transcript.summaryInputSchema },
    answers: { 200: success },
    problems: [
      ...bodyProblems,
      ...storageProblems,
      "session_not_found",
      "transcript_not_found",
      "version_mismatch",
      "stale_epoch",
    ],
  },
  deleteTranscript: {
    method: "delete",
    path: "/v1/store/{projectKey}/sessions/{sessionId}",
    summary: "Delete a transcript; the main one with all below it",
    access: "session",
    params: byProjectSession,
    query: transcriptQuerySchema,
    answers: { 200: success },
    problems: ["invalid_request", ...storageProblems, "stale_epoch"],
  },
  listStoreSessions: {
    method: "get",
    path: "/v1/store/{projectKey}/sessions",
    summary: "The sessions that have a main transcript in a project, latest first",
    access: "fleet",
    params: byProject,
    answers: { 200: transcript.storeSessionsSchema },
    problems: ["invalid_request"],
  },
  listSummaries: {
    method: "get",
    path: "/v1/store/{projectKey}/summaries",
    summary: "The same with their summaries",
    access: "fleet",
    params: byProject,
    answers: { 200: transcript.storeSummariesSchema },
    problems: ["invalid_request"],
  },
} as const satisfies Record<string, Route>;
