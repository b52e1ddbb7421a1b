/**
 * Measures what the README says about speed, on this machine, in one run.
 *
 *   npx tsx scripts/bench.ts [--rounds 5] [--seconds 5] [--only append,fleet,tail] [--gigabytes 1]
 *
 * append: durable appends of a 300 B action at 64 connections over 64 sessions, against a stock Express 5 +
 *         express.json() echo of the same body, in alternating rounds (needs wrk).
 * fleet:  list, recent and stats with 10,000 sessions.
 * tail:   the last 100 of a log of 1 GB, which is written through the API in batches of 4 MB.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import {
  type ServiceProcess,
  buildService,
  startProcess,
  startService,
} from "./service-process.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    only: { type: "string", default: "append,fleet,tail" },
    gigabytes: { type: "string", default: "1" },
  },
});
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const print = (line: string) => process.stdout.write(`${line}\n`);

function send(
  service: ServiceProcess,
  method: string,
  path: string,
  body?: string,
  type = "application/json",
) {
  return new Promise<string>((resolve, reject) => {
    const headers = { "content-type": type };
    const outgoing = request(`${service.url}${path}`, { method, agent, headers });
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        if ((answer.statusCode ?? 0) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
    });
    outgoing.end(body);
  });
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const median = (numbers: readonly number[]) => sorted(numbers)[Math.floor(numbers.length / 2)] ?? 0;
const percentile = (numbers: readonly number[], of: number) =>
  sorted(numbers)[Math.min(numbers.length - 1, Math.floor((numbers.length * of) / 100))] ?? 0;

/** Latencies of a GET in ms, one after another. */
async function latencies(service: ServiceProcess, path: string, times: number): Promise<number[]> {
  const measured: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const begin = performance.now();
    await send(service, "GET", path);
    measured.push(performance.now() - begin);
  }
  return measured;
}

function printLatencies(what: string, measured: readonly number[]): void {
  const [p50, p99] = [median(measured), percentile(measured, 99)];
  print(
    `${what}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, first ${(measured[0] ?? 0).toFixed(1)} ms`,
  );
}

async function inVolume(
  work: (service: ServiceProcess, volume: string) => Promise<void>,
): Promise<void> {
  const volume = mkdtempSync(join(tmpdir(), "session-store-bench-"));
  const service = await startService(volume, { LOG_LEVEL: "info" });
  try {
    await work(service, volume);
  } finally {
    await service.end("SIGTERM");
    rmSync(volume, { recursive: true });
  }
}

interface Round {
  rate: number;
  p50Us: number;
  p99Us: number;
}

function wrk(url: string): Round {
  const script = new URL("bench-append.lua", import.meta.url).pathname;
  const args = ["-t2", "-c64", `-d${values.seconds}s`, "-s", script, url];
  const output = execFileSync("wrk", args, { encoding: "utf8" });
  const line = output.trim().split("\n").at(-1) ?? "";
  const { requests, durationUs, errors, p50Us, p99Us } = JSON.parse(line) as Record<string, number>;
  if (errors !== 0) throw new Error(`wrk saw ${errors} errors:\n${output}`);
  return {
    rate: Math.round(((requests ?? 0) / (durationUs ?? 1)) * 1e6),
    p50Us: p50Us ?? 0,
    p99Us: p99Us ?? 0,
  };
}

async function benchAppend(): Promise<void> {
  if (spawnSync("wrk", ["-v"]).error !== undefined) {
    print("append: skipped, wrk is not installed");
    return;
  }
  const echo = await startProcess(["scripts/echo-server.mjs"], { NODE_ENV: "production" });
  await inVolume(async (service) => {
    for (let n = 0; n < 64; n += 1) {
      await send(service, "POST", "/api/sessions", JSON.stringify({ sessionId: `bench-${n}` }));
    }
    const rounds: Record<"echo" | "store", Round[]> = { echo: [], store: [] };
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      for (const [name, { url }] of [
        ["echo", echo],
        ["store", service],
      ] as const) {
        const measured = wrk(url);
        // The first of each warms up.
        if (round > 0) rounds[name].push(measured);
        print(
          `  round ${round} ${name}: ${measured.rate}/s, p50 ${measured.p50Us} us, p99 ${measured.p99Us} us`,
        );
      }
    }
    const [echoed, stored] = [rounds.echo, rounds.store].map((all) =>
      median(all.map(({ rate }) => rate)),
    );
    print(
      `stock Express 5 + express.json() echo, not stored: ${echoed}/s (median of ${values.rounds})`,
    );
    print(`durable append: ${stored}/s (median of ${values.rounds})`);
    const ratios = rounds.store.map(({ rate }, n) => rate / (rounds.echo[n]?.rate ?? 1));
    print(
      `ratio: ${((stored ?? 0) / (echoed ?? 1)).toFixed(2)} of the medians, ${median(ratios).toFixed(2)} median of the rounds'`,
    );
  });
  await echo.end("SIGTERM");
}

async function benchFleet(): Promise<void> {
  const count = 10_000;
  await inVolume(async (service) => {
    const create = async (from: number) => {
      for (let n = from; n < count; n += 64) {
        const body = {
          sessionId: `fleet-${n}`,
          userId: `user-${n % 50}`,
          labels: { team: `t${n % 7}` },
        };
        await send(service, "POST", "/api/sessions", JSON.stringify(body));
      }
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: 64 }, (_, from) => create(from)));
    print(`${count} sessions created in ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
    for (const path of [
      "/api/sessions?limit=50",
      "/api/sessions?limit=50&label=team:t3&status=active",
      "/api/sessions?limit=50&q=fleet-99",
      "/api/query/recent?limit=50",
      "/api/query/active?limit=50",
      "/api/query/stats",
    ]) {
      printLatencies(`${count} sessions, GET ${path}`, await latencies(service, path, 200));
    }
  });
}

const residentMegabytes = (pid: number) =>
  Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_000,
  );

async function benchTail(): Promise<void> {
  const bytes = Number(values.gigabytes) * 1e9;
  await inVolume(async (service, volume) => {
    await send(service, "POST", "/api/sessions", JSON.stringify({ sessionId: "big" }));
    const line = `${JSON.stringify({ type: "tool_use", details: { text: "x".repeat(1_900) } })}\n`;
    const batch = line.repeat(Math.floor(4_000_000 / line.length));
    const begin = performance.now();
    for (let sent = 0; sent < bytes; sent += batch.length) {
      await send(service, "POST", "/api/actions/big", batch, "application/x-ndjson");
    }
    const seconds = (performance.now() - begin) / 1_000;
    const file = join(volume, "sessions/big/actions.jsonl");
    printLatencies(
      "while the files catch up, GET ?tail=100",
      await latencies(service, "/api/actions/big?tail=100", 20),
    );
    const before = residentMegabytes(service.pid);
    const measured = await latencies(service, "/api/actions/big?tail=100", 200);
    const read = JSON.parse(await send(service, "GET", "/api/actions/big?tail=100")) as unknown[];
    if (read.length !== 100) throw new Error(`${read.length} records came instead of 100`);
    const gigabytes = (statSync(file).size / 1e9).toFixed(2);
    print(`a log of ${gigabytes} GB written through the API in ${seconds.toFixed(1)} s`);
    printLatencies("GET ?tail=100 of it", measured);
    printLatencies(
      "GET ?after=<middle>&limit=100 of it",
      await latencies(service, "/api/actions/big?after=250000&limit=100", 50),
    );
    print(`resident memory: ${before} MB before, ${residentMegabytes(service.pid)} MB after`);
  });
}

const benches: Record<string, () => Promise<void>> = {
  append: benchAppend,
  fleet: benchFleet,
  tail: benchTail,
};
buildService();
for (const name of values.only.split(",")) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`there is no bench ${name}: append, fleet, tail`);
  print(`== ${name}`);
  await bench();
}
agent.destroy();
