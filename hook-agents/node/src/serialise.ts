const maxDepth = 60;

/** JSON text of anything, without ever throwing: what JSON can't hold is replaced by a word about it. */
export function serialise(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {
    // Circular, BigInt, a throwing getter or toJSON, or too deep: go over it member by member.
  }
  return JSON.stringify(plain(value, new Set()));
}

function plain(value: unknown, above: Set<object>): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value ?? null;
  if (above.has(value)) return "[circular]";
  if (above.size >= maxDepth) return "[too deep]";
  above.add(value);
  try {
    if (hasToJson(value)) return plain(value.toJSON(), above);
    if (value instanceof Error) return { name: value.name, message: value.message };
    if (Array.isArray(value)) return value.map((item) => plain(item, above));
    return Object.fromEntries(
      Object.keys(value).map((key) => [key, plain(memberOf(value, key), above)]),
    );
  } catch (error) {
    return `[unreadable: ${reasonOf(error)}]`;
  } finally {
    above.delete(value);
  }
}

function memberOf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return `[unreadable: ${reasonOf(error)}]`;
  }
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function reasonOf(error: unknown): string {
  return error instanceof Error && typeof error.message === "string" ? error.message : "error";
}
