/** The service takes 64 levels; the command around the value has some of them. */
const maxDepth = 56;

/** JSON text of anything, without ever throwing: what JSON can't hold is replaced by a word about it. */
export function serialise(value: object): string {
  try {
    const text = JSON.stringify(value);
    if (mayBeTooDeep(text)) return JSON.stringify(plain(value, new Set()), keepInteger);
    return hasLongInteger.test(text) ? JSON.stringify(value, keepInteger) : text;
  } catch {
    // Circular, BigInt, a throwing getter or toJSON, or too deep: go over it member by member.
    return JSON.stringify(plain(value, new Set()), keepInteger);
  }
}

/** A copy of the value's own members; those that can't be read are replaced by a word about it. */
export function copyMembers(value: object): Record<string, unknown> {
  try {
    return { ...value };
  } catch {
    return Object.fromEntries(Object.keys(value).map((key) => [key, memberOf(value, key)]));
  }
}

const hasLongInteger = /[:,[]-?\d{16,}[,}\]]/;

/** The service refuses an integer that a double can't hold; the digits there are go as text. */
function keepInteger(_key: string, value: unknown): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value;
}

function plain(value: unknown, above: Set<object>): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
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

/** Brackets inside strings count too: this only decides whether a closer look is worth it. */
function mayBeTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) | 0x20;
    // 0x7b and 0x7d are the braces; the brackets, 0x5b and 0x5d, differ from them in that one bit.
    if (code === 0x7b) depth += 1;
    else if (code === 0x7d) depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? String(error.message) : "error";
}
