/** What the CLI hands to a hook: these members always, the others by event. */
export interface HookPayload {
  readonly session_id: string;
  readonly hook_event_name: string;
  readonly [member: string]: unknown;
}

/** A session id names a folder on the service, so one that can't is not a session's. */
const sessionId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** @returns undefined when the text is not what the CLI sends */
export function parsePayload(text: string): HookPayload | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isPayload(value) ? value : undefined;
}

function isPayload(value: unknown): value is HookPayload {
  return (
    isObject(value) &&
    typeof value["hook_event_name"] === "string" &&
    typeof value["session_id"] === "string" &&
    sessionId.test(value["session_id"])
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the member when it is a text that is not empty */
export function textOf(value: unknown, member: string): string | undefined {
  const text = isObject(value) ? value[member] : undefined;
  return typeof text === "string" && text !== "" ? text : undefined;
}

export function numberOf(value: unknown, member: string): number | undefined {
  const number = isObject(value) ? value[member] : undefined;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function listOf(value: unknown, member: string): readonly unknown[] {
  const list = isObject(value) ? value[member] : undefined;
  return Array.isArray(list) ? list : [];
}
