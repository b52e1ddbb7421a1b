import * as fc from "fast-check";

const time = "2026-11-21T05:41:50.000Z";
const message = {
  content: [
    { type: "text", text: "Done" },
    { type: "tool_use", name: "Bash" },
  ],
};
const hunk = { oldStart: 1, newStart: 1, lines: ["-a", "+b"] };
const call = {
  tool: "Edit",
  tool_use_id: "t",
  agentId: "a",
  input: { command: "npm test", file_path: "/a" },
  output: { structuredPatch: [hunk], stdout: "x" },
  error: "Exit code 1",
  outcome: "failed",
  durationMs: 12,
};
const waiting = { reason: "permission_request", tool: "Bash", summary: "git push", since: time };
const agent = { agentId: "a", id: "a", type: "Explore", parentAgentId: null, task: "Look" };
const goal = { goalId: "g", id: "g", description: "Do it", status: "pending", priority: "high" };

/** One event of each type, as agents record them. */
const events: readonly [type: string, data: object][] = [
  ["session_created", { name: "n", userId: "u", labels: { host: "h" }, initial: { a: [1] } }],
  ["action", { seq: 1, timestamp: time, type: "tool_use", details: call }],
  ["action", { seq: 2, timestamp: time, type: "user_prompt", details: { prompt: "Fix it" } }],
  ["response", { seq: 1, timestamp: time, type: "assistant_message", content: "**Done**" }],
  ["state_updated", { version: 1, mode: "merge", patch: { phase: "waiting", waiting } }],
  ["state_updated", { version: 2, mode: "merge", patch: { running: { t: call }, usage: {} } }],
  ["goal_added", { version: 3, goal }],
  ["agent_spawned", { version: 4, agent }],
  ["agent_completed", { version: 5, agent: { ...agent, status: "failed", result: { a: 1 } } }],
  ["metadata_updated", { patch: { name: "m", labels: { a: null } } }],
  ["session_finalized", { status: "error", outcome: { reason: "r" }, response: "r" }],
  [
    "transcript_entry",
    { seq: 1, projectKey: "p", subpath: null, entry: { type: "user", message } },
  ],
  ["lease_acquired", { owner: "host-2", epoch: 3, takenFrom: "host-1", reason: "forced" }],
  ["session_restored", { deletedAt: 1, created: 1 }],
  ["moved_to_mars", { orbit: 4 }],
];

const big = `${"word ".repeat(200_000)}<script>hacked=1</script>`;
const texts = [
  "<script>hacked=1</script>",
  "<img src=x onerror=hacked=1>",
  "\u001b[31mred\u001b[0m\u001b]0;title\u0007",
  "\u202eexe.txt\u2066\u200f",
  "\u0000\u0007\ud800",
  "__proto__",
  "",
];
const hostile = fc.oneof(
  fc.constantFrom<unknown>(...texts, null, true, -1, 1e308, [], {}, [[[]]], "x".repeat(20_000)),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 200 }),
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, before: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [before];
  const inner = Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, [...before, name]),
  );
  return [before, ...inner];
}

/** A copy with another value at the path. */
function withValue(target: unknown, [name, ...more]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(target))
    return target.map((item, at) =>
      String(at) === name ? withValue(item, more, value) : (item as unknown),
    );
  const members = target as Record<string, unknown>;
  return { ...members, [name]: withValue(members[name], more, value) };
}

const mutation = fc.tuple(fc.nat(100_000), hostile, fc.boolean());
type Mutation = readonly [at: number, value: unknown, isAdded: boolean];

/** Something in it is another thing than it should be, or stands there beside. */
function mutated(document: object, [at, value, isAdded]: Mutation): object {
  if (isAdded) return { ...document, [typeof value === "string" ? value : "odd"]: value };
  const [, ...paths] = pathsOf(document);
  return withValue(document, paths[at % paths.length] ?? [], value) as object;
}

/** The same ones in each run. */
const sample = (count: number): Mutation[] =>
  fc
    .sample(mutation, { numRuns: count, seed: 2_026 })
    .map(([at, value, isAdded], index) => [at, index % 1_000 === 7 ? big : value, isAdded]);

export function mutationsOf(document: object, count: number): object[] {
  return sample(count).map((one) => mutated(document, one));
}

/** Events of each type, one after another, with their offsets and positions as they should be. */
export function mutatedEvents(count: number, sessionId: string, position: number): object[] {
  return sample(count).map((one, index) => {
    const [type, data] = events[index % events.length]!;
    const place = { sessionId, offset: index + 1, position: position + index, timestamp: time };
    return { type, ...place, data: mutated(data, one) };
  });
}
