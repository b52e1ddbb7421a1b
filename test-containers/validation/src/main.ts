/**
 * Checks the sessions that the containers of docker-compose.test.yml recorded, by the API and by the files on the
 * volume. Ends the service between the two, so that the files have everything.
 *
 *   npx tsx test-containers/validation/src/main.ts --base-url URL --container SERVICE --timestamp TIMESTAMP
 *
 * API_KEY is the service's key. Last line: `N passed, N failed`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { expectationsOf } from "./expectations.ts";
import { failuresOf, tableOf } from "./table.ts";
import { readAll, validate } from "./validate.ts";
import { endAndCopyVolume } from "./volume.ts";

const { values } = parseArgs({
  options: {
    "base-url": { type: "string" },
    container: { type: "string" },
    timestamp: { type: "string" },
  },
});
const { "base-url": baseUrl, container, timestamp } = values;
if (baseUrl === undefined || container === undefined || timestamp === undefined) {
  console.error("--base-url, --container and --timestamp are needed");
  process.exit(2);
}
const apiKey = process.env["API_KEY"];
const expectations = expectationsOf(timestamp);
const reading = await readAll({ baseUrl, ...(apiKey !== undefined && { apiKey }) }, expectations);

const folder = await mkdtemp(join(tmpdir(), "validation-"));
try {
  const volume = join(folder, "volume");
  const exitCode = await endAndCopyVolume(container, volume);
  const reports = await validate(reading, volume, expectations);
  const checks = reports.flatMap((report) => report.checks);
  const drained = { name: "the service drains and exits with 0", ok: exitCode === 0 };
  const failures = failuresOf(reports);
  if (!drained.ok) failures.push(`FAIL ${drained.name}, not with ${exitCode}`);
  const passed = [...checks, drained].filter(({ ok }) => ok).length;
  console.log([tableOf(reports), "", ...failures].join("\n"));
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
