import { isObject } from "../mapping/payload.ts";

/** @returns undefined when the line is no JSON object: a damaged one, which is not ours to judge */
export function parseEntry(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
