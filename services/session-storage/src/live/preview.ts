/** From generous to mean: the first that brings an event under the limit is taken. */
const cuts = [
  { text: 2_000, items: 200 },
  { text: 500, items: 50 },
  { text: 100, items: 10 },
  { text: 20, items: 3 },
];

/**
 * An event's data without its bulk: long texts end in how many characters were left out, long lists
 * and large objects lose their tail. The members that every record or entry has stay whole.
 * @param json of the data @returns JSON text of at most so many bytes
 */
export function previewOf(json: string, maxBytes: number): string {
  const data = JSON.parse(json) as Record<string, unknown>;
  for (const cut of cuts) {
    const text = JSON.stringify(shorten(data, cut));
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  const { seq, id, timestamp, type, projectKey, subpath } = data;
  return JSON.stringify({ seq, id, timestamp, type, projectKey, subpath });
}

function shorten(value: unknown, cut: (typeof cuts)[number]): unknown {
  if (typeof value === "string") {
    const left = value.length - cut.text;
    return left > 0 ? `${value.slice(0, cut.text)}… ${left} more characters` : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, cut.items).map((item) => shorten(item, cut));
  const members = Object.entries(value).slice(0, cut.items);
  return Object.fromEntries(members.map(([key, member]) => [key, shorten(member, cut)]));
}
