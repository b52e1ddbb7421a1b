import * as lease from "../lease.ts";
import {
  type Route,
  bodyProblems,
  bySession,
  contentTypes,
  readProblems,
  storageProblems,
} from "./route.ts";

const path = "/api/sessions/{sessionId}/lease";

export const leaseRoutes = {
  acquireLease: {
    method: "post",
    path,
    summary: "Become the session's one writer, or stay it",
    access: "session",
    params: bySession,
    body: { [contentTypes.json]: lease.leaseInputSchema },
    answers: { 200: lease.leaseReceiptSchema },
    problems: [...bodyProblems, ...storageProblems, "session_not_found", "lease_held"],
  },
  releaseLease: {
    method: "delete",
    path,
    summary: "Let go of the lease",
    access: "session",
    params: bySession,
    query: lease.leaseQuerySchema,
    answers: { 200: lease.leaseReceiptSchema },
    problems: [...readProblems, ...storageProblems, "stale_epoch"],
  },
} as const satisfies Record<string, Route>;
