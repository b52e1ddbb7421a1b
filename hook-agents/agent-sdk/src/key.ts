import { type SessionKey, SessionStoreError } from "./api.ts";

// As the contract has it, whose schemas would bring zod along.
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,219}$/;
const sessionIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const windowsDeviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Throws what would be refused for good, naming the member: in the spool it would only be noticed later. */
export function checkKey({ projectKey, sessionId, subpath }: SessionKey): void {
  checkProjectKey(projectKey);
  if (!isSessionId(sessionId))
    refuse("sessionId", sessionId, "1-128 of [A-Za-z0-9._-], starting with a letter or digit");
  if (subpath !== undefined && !isSubpath(subpath))
    refuse("subpath", subpath, "1-8 names joined by /, each 1-220 of [A-Za-z0-9._-]");
}

export function checkProjectKey(projectKey: unknown): void {
  if (!isName(projectKey)) refuse("projectKey", projectKey, "1-220 of [A-Za-z0-9._-]");
}

function isSessionId(value: unknown): boolean {
  return (
    typeof value === "string" &&
    sessionIdPattern.test(value) &&
    !value.includes("..") &&
    !value.endsWith(".") &&
    !windowsDeviceName.test(value)
  );
}

function isSubpath(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const names = value.split("/");
  return names.length <= 8 && names.every(isName);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && segment.test(value) && !value.endsWith(".jsonl");
}

function refuse(member: string, value: unknown, expected: string): never {
  throw new SessionStoreError("invalid", `${member} ${JSON.stringify(value)} must be ${expected}`);
}
