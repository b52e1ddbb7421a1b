import { parseArgs } from "./platform.ts";
import { type ConformanceCase, conformanceCases } from "./suite.ts";

const usage =
  "conformance --base-url URL [--api-key KEY] [--filter TEXT] [--json]\n" +
  "  --api-key  may also come as API_KEY, which does not show in a list of processes\n" +
  "  --filter   runs the cases whose group or name contains the text\n" +
  "  --json     prints a JSON object a line instead of text\n";

/** A case that hangs fails; the longest waits 15 s for a heartbeat. */
const caseLimitMs = 60_000;

interface Outcome {
  group: string;
  name: string;
  outcome: "passed" | "failed" | "skipped";
  durationMs: number;
  detail?: string;
}

const { values } = parseArgs({
  options: {
    "base-url": { type: "string" },
    "api-key": { type: "string" },
    filter: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const baseUrl = values["base-url"];
const apiKey = values["api-key"] ?? process.env["API_KEY"];
if (baseUrl === undefined || !URL.canParse(baseUrl)) {
  process.stderr.write(usage);
  process.exit(2);
}
const target = { baseUrl, ...(apiKey !== undefined && { apiKey }) };

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not over in ${limitMs} ms`)), limitMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function runCase(one: ConformanceCase): Promise<Outcome> {
  const { group, name, needsApiKey } = one;
  if (needsApiKey && apiKey === undefined) {
    return { group, name, outcome: "skipped", durationMs: 0, detail: "no --api-key" };
  }
  const start = performance.now();
  const over = (outcome: Outcome["outcome"], detail?: string): Outcome => {
    const durationMs = Math.round(performance.now() - start);
    return { group, name, outcome, durationMs, ...(detail !== undefined && { detail }) };
  };
  try {
    await within(caseLimitMs, one.run(target));
    return over("passed");
  } catch (error) {
    return over("failed", error instanceof Error ? error.message : String(error));
  }
}

const marks = { passed: "ok  ", failed: "FAIL", skipped: "skip" };

function print(outcome: Outcome): void {
  const { group, name, detail = "" } = outcome;
  const text = `${marks[outcome.outcome]} ${group}: ${name}${detail && `\n     ${detail.replaceAll("\n", "\n     ")}`}`;
  process.stdout.write(`${values.json ? JSON.stringify(outcome) : text}\n`);
}

const wanted = values.filter.toLowerCase();
const chosen = conformanceCases.filter(({ group, name }) =>
  `${group}: ${name}`.toLowerCase().includes(wanted),
);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const one of chosen) {
  const outcome = await runCase(one);
  counts[outcome.outcome] += 1;
  print(outcome);
}
const skipped =
  counts.skipped > 0 ? ` (${counts.skipped} about credentials skipped: no --api-key)` : "";
if (values.json) process.stdout.write(`${JSON.stringify(counts)}\n`);
else process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exitCode = counts.failed > 0 || chosen.length === 0 ? 1 : 0;
