import type { FieldError, ProblemCode } from "@sessions/contract";

export interface ServiceErrorOptions extends ErrorOptions {
  errors?: FieldError[];
  retryAfterMs?: number;
  /** Further members of the problem, such as the current version of a 412. */
  members?: Readonly<Record<string, unknown>>;
}

/** A refusal the caller can act on. Anything else that is thrown is a bug. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ProblemCode, detail: string, options: ServiceErrorOptions = {}) {
    super(detail, options);
    this.code = code;
    this.errors = options.errors;
    this.retryAfterMs = options.retryAfterMs;
    this.members = options.members;
  }
}
