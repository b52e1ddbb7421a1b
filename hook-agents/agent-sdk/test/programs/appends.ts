import { createSessionStore } from "../../src/main.ts";

const env = (name: string) => process.env[name] ?? "";
const count = Number(env("COUNT"));
const batchSize = Number(env("BATCH") || 10);
const key = { projectKey: env("PROJECT"), sessionId: env("SESSION_NAME") };

const store = createSessionStore({
  foldSessionSummary: (before, { sessionId }) => before ?? { sessionId, mtime: 0, data: {} },
});
const entries = Array.from({ length: count }, (_, n) => ({
  type: "user",
  // Every third is one of those that have none.
  ...(n % 3 !== 2 && { uuid: `${env("WRITER")}-${n}` }),
  writer: env("WRITER"),
  n,
}));
for (let from = 0; from < count; from += batchSize)
  await store.append(key, entries.slice(from, from + batchSize));
process.stdout.write("appended\n");

if (env("STAYS")) setInterval(() => {}, 1_000);
