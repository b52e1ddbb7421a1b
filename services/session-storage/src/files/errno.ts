import { ServiceError } from "../domain/errors.ts";

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    codes.includes(error.code)
  );
}

/** ENOSPC, a quota that is used up, or a short write that we turned into `storage_full` ourselves. */
export function isDiskFull(error: unknown): boolean {
  return (
    isErrno(error, "ENOSPC", "EDQUOT") ||
    (error instanceof ServiceError && error.code === "storage_full")
  );
}

export function storageFull(cause?: unknown): ServiceError {
  return new ServiceError("storage_full", "no space is left on the volume", {
    retryAfterMs: 1000,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** For `.catch`: the value that stands for a missing file; every other error is passed on. */
export function whenMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (isErrno(error, "ENOENT")) return value;
    throw error;
  };
}
