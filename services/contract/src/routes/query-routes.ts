import * as query from "../query.ts";
import { type Route } from "./route.ts";

export const queryRoutes = {
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
  fleet: {
    method: "get",
    path: "/api/query/fleet",
    summary: "The fleet at a glance: counts by status, who needs attention, usage, load, disk",
    access: "fleet",
    answers: { 200: query.fleetSchema },
    problems: [],
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
} as const satisfies Record<string, Route>;
