import { forbiddenPatchKeys } from "@sessions/contract";

type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 7396: null deletes, objects merge, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** Null is stored, objects merge, arrays and scalars replace. */
export function deepMerge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) merged[key] = deepMerge(merged[key], value);
  return merged;
}

/** JSON pointer of the first key that would reach into a prototype. */
export function findForbiddenKey(patch: unknown, pointer = ""): string | undefined {
  if (typeof patch !== "object" || patch === null) return undefined;
  for (const [key, value] of Object.entries(patch)) {
    const path = `${pointer}/${key}`;
    if ((forbiddenPatchKeys as readonly string[]).includes(key)) return path;
    const inside = findForbiddenKey(value, path);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
