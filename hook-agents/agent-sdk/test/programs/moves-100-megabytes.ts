import { createHash } from "node:crypto";

import { createSessionStore, type SessionStoreEntry } from "../../src/main.ts";

const env = (name: string) => process.env[name] ?? "";
const key = { projectKey: env("PROJECT"), sessionId: env("SESSION_NAME") };
const count = 10_000;
const entryAt = (n: number): SessionStoreEntry => ({
  type: "user",
  uuid: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  message: { role: "user", content: String(n).padStart(10_400, "x") },
});
const hash = createHash("sha256");
const megabytes = () => Math.round(process.resourceUsage().maxRSS / 1_024);

const store = createSessionStore({
  timeoutMs: 120_000,
  foldSessionSummary: (before, { sessionId }) => before ?? { sessionId, mtime: 0, data: {} },
});
// As the SDK imports: a batch is closed by its first entry beyond a megabyte.
for (let n = 0; n < count;) {
  const batch: SessionStoreEntry[] = [];
  for (let bytes = 0; bytes < 1_048_576 && n < count; n += 1) {
    batch.push(entryAt(n));
    bytes += 10_500;
  }
  await store.append(key, batch);
}
const appendedMb = megabytes();
const loaded = (await store.load(key)) ?? [];
const loadedMb = megabytes();
for (const entry of loaded) hash.update(JSON.stringify(entry));
const expected = createHash("sha256");
for (let n = 0; n < count; n += 1) expected.update(JSON.stringify(entryAt(n)));
process.stdout.write(
  `${JSON.stringify({ count: loaded.length, isEqual: hash.digest("hex") === expected.digest("hex"), appendedMb, loadedMb })}\n`,
);
