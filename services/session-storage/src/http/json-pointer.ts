/**
 * RFC 6901 pointer to the value that begins, or is being read, where `before` ends.
 * @param before JSON text up to there; read only when something is to be refused
 */
export function pointerAt(before: string): string {
  const path: { key: string; isArray: boolean }[] = [];
  let text = "";
  for (let at = 0; at < before.length; at += 1) {
    const char = before[at];
    const top = path.at(-1);
    if (char === '"') {
      const begin = at + 1;
      for (at = begin; at < before.length && before[at] !== '"'; at += 1)
        if (before[at] === "\\") at += 1;
      text = before.slice(begin, at);
    } else if (char === "{") path.push({ key: "", isArray: false });
    else if (char === "[") path.push({ key: "0", isArray: true });
    else if (char === "}" || char === "]") path.pop();
    else if (char === ":" && top !== undefined) top.key = text;
    else if (char === "," && top?.isArray === true) top.key = String(Number(top.key) + 1);
  }
  return path.map(({ key }) => `/${escape(key)}`).join("");
}

function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
