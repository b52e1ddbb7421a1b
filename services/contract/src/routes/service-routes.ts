import { healthSchema, livezSchema, readyzSchema } from "../health.ts";
import { type Route, contentTypes } from "./route.ts";

export const serviceRoutes = {
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
