import type { BatchReceipt, Problem, ProblemCode } from "@sessions/contract";

import type { Receipt, Refusal } from "./api.ts";
import type { Answer } from "./transport.ts";

/** What the service's answer means for the batch. */
export type Verdict =
  | { readonly kind: "stored"; readonly receipt: Receipt; readonly duplicates: number }
  /** Again, later. `slow`: somebody has to change something first. */
  | { readonly kind: "retry"; readonly slow: boolean; readonly reason: string }
  /** Some records are refused for good: those with these indices, or, when none is named, one or more of them all. */
  | { readonly kind: "refused"; readonly indices: readonly number[]; readonly problem: Refusal }
  | { readonly kind: "session_missing"; readonly problem: Refusal }
  /** Nothing for this session will ever be taken. */
  | { readonly kind: "session_refused"; readonly problem: Refusal };

const retriedStatuses = new Set([408, 425, 429]);
const sessionRefusals = new Set<ProblemCode>([
  "session_exists",
  "session_id_case_conflict",
  "stale_epoch",
]);
const recordRefusals = new Set<ProblemCode>([
  "malformed_json",
  "invalid_request",
  "invalid_content",
  "payload_too_large",
  "goal_not_found",
  "goal_exists",
  "agent_not_found",
  "agent_exists",
  "session_finalized",
]);

/** @param records how many records the batch had */
export function judge(answer: Answer, records: number): Verdict {
  const { status } = answer;
  const body = parse(answer.body);
  if (status >= 200 && status < 300) {
    const receipt = body as Partial<BatchReceipt> | undefined;
    // Something else that listens there and says 200 has stored nothing.
    if (receipt?.success !== true || typeof receipt.offset !== "number")
      return { kind: "retry", slow: true, reason: `${status} that is no receipt` };
    const duplicates = receipt.duplicates ?? 0;
    const duplicate = duplicates >= records;
    return {
      kind: "stored",
      duplicates: Math.min(duplicates, records),
      receipt: { outcome: "stored", offset: receipt.offset, ...(duplicate && { duplicate }) },
    };
  }
  const problem = problemOf(body);
  if (status === 413 && !problem)
    return { kind: "refused", indices: [], problem: unnamed(status, "payload_too_large") };
  if (status >= 500 || retriedStatuses.has(status))
    return { kind: "retry", slow: false, reason: `${status} ${problem?.code ?? ""}`.trim() };
  if (!problem) return { kind: "retry", slow: true, reason: `${status} that is no problem` };

  const refusal = refusalOf(problem);
  if (problem.code === "session_not_found") return { kind: "session_missing", problem: refusal };
  if (sessionRefusals.has(problem.code)) return { kind: "session_refused", problem: refusal };
  if (problem.errors?.some(({ field }) => field === ":sessionId"))
    return { kind: "session_refused", problem: refusal };
  if (recordRefusals.has(problem.code))
    return { kind: "refused", indices: indicesOf(problem, records), problem: refusal };
  return { kind: "retry", slow: true, reason: `${status} ${problem.code}` };
}

/** `/3/data/type` and `/3` both mean the fourth record. */
function indicesOf({ errors = [] }: Problem, records: number): number[] {
  const indices = errors.map(({ field }) => /^\/(\d+)(\/|$)/.exec(field)?.[1]);
  const known = indices.filter((index) => index !== undefined).map(Number);
  return [...new Set(known)].filter((index) => index < records).toSorted((a, b) => a - b);
}

function problemOf(body: unknown): Problem | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  return "code" in body && typeof body.code === "string" ? (body as Problem) : undefined;
}

function refusalOf({ status, code, detail, errors }: Problem): Refusal {
  return { status, code, detail, ...(Array.isArray(errors) && { errors }) };
}

function unnamed(status: number, code: ProblemCode): Refusal {
  return { status, code, detail: `the answer was ${status}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
