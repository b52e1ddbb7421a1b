import type { FieldError, ProblemCode } from "@sessions/contract";
import type * as z from "zod";

import { ServiceError } from "../domain/errors.ts";

/** Where a value came from decides how its fields are named and how it is refused. */
const sources = {
  path: { code: "invalid_request", prefix: ":" },
  query: { code: "invalid_request", prefix: "?" },
  body: { code: "invalid_content", prefix: "/" },
} as const satisfies Record<string, { code: ProblemCode; prefix: string }>;

/** Checks what a caller sent. Data of our own is parsed elsewhere: when that fails it is a bug, not a 400. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  source: keyof typeof sources,
  pointer: readonly PropertyKey[] = [],
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { code, prefix } = sources[source];
  const errors = result.error.issues.slice(0, 20).map((issue): FieldError => {
    const path = [...pointer, ...issue.path, ...unknownKey(issue)];
    return {
      field: path.length === 0 ? "" : prefix + path.map(escape).join("/"),
      message: issue.message,
    };
  });
  const [first] = errors;
  throw new ServiceError(code, `${first?.field || "the body"}: ${first?.message}`, { errors });
}

/** A key that should not be there is named itself, not only the object around it. */
function unknownKey(issue: z.core.$ZodIssue): string[] {
  return issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
}

function escape(key: PropertyKey): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}
