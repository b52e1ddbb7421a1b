/**
 * Kills the service with SIGKILL, again and again, while writers append: actions to most sessions, entries of a
 * transcript to every fourth. Each writer keeps its own record of
 * what was acknowledged; in the end every acknowledged record has to be there exactly once, in order.
 *
 *   npx tsx scripts/crash.ts [--kills 50] [--writers 16] [--sessions 8] [--keep]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type ServiceProcess, buildService, startService } from "./service-process.ts";

interface Written {
  id: string;
  offset: number;
  seq: number;
  writer: number;
  n: number;
}
interface StoredEvent {
  offset: number;
  data: { seq: number; entry: { uuid: string; writer: number; n: number } };
}
interface Writer {
  readonly writer: number;
  readonly sessionId: string;
  /** Acknowledged ids with the offset of a single record; batches answer no offset for each. */
  readonly acknowledged: Map<string, number | undefined>;
}

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    writers: { type: "string", default: "16" },
    sessions: { type: "string", default: "8" },
    keep: { type: "boolean", default: false },
  },
});
const kills = Number(values.kills);
const volume = mkdtempSync(join(tmpdir(), "session-store-crash-"));
const batchRecords = 5;
const agent = new Agent({ keepAlive: true, maxSockets: Number(values.writers) });
let service: ServiceProcess;
let isWriting = true;

const print = (line: string) => process.stdout.write(`${line}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function send(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${service.url}${path}`, {
      method,
      agent,
      timeout: 5_000,
      headers: { "content-type": "application/json" },
    });
    outgoing.on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 5 s")));
    outgoing.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on("error", reject);
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Sends until it is acknowledged: what was sent when the service died may be stored or not. */
async function sendUntilAcknowledged(path: string, body: unknown): Promise<string> {
  for (;;) {
    try {
      const { status, text } = await send("POST", path, body);
      if (status < 300) return text;
      if (status !== 503) throw new TypeError(`${path} answered ${status} ${text}`);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      // Refused or cut off: the service is being killed or started.
    }
    await pause(5);
  }
}

const hasTranscript = (sessionId: string) => Number(sessionId.split("-").at(-1)) % 4 === 3;

async function write({ writer, sessionId, acknowledged }: Writer): Promise<void> {
  const padding = "x".repeat(200);
  for (let n = 0; isWriting;) {
    const isTranscript = hasTranscript(sessionId);
    const isBatch = isTranscript || writer % 2 === 1;
    const records = Array.from({ length: isBatch ? batchRecords : 1 }, () => {
      const id = `w${writer}-${n}`;
      return { type: "crash", id, ...(isTranscript && { uuid: id }), writer, n: n++, padding };
    });
    const text = await sendUntilAcknowledged(
      isTranscript ? `/v1/store/crash/sessions/${sessionId}/entries` : `/api/actions/${sessionId}`,
      isBatch ? records : records[0],
    );
    const { offset } = JSON.parse(text) as { offset: number };
    for (const { id } of records) acknowledged.set(id, isBatch ? undefined : offset);
  }
}

async function readPage(sessionId: string, after: number): Promise<Written[]> {
  const query = `after=${after}&limit=10000`;
  if (!hasTranscript(sessionId)) {
    const { text } = await send("GET", `/api/actions/${sessionId}?${query}`);
    return JSON.parse(text) as Written[];
  }
  const path = `/api/sessions/${sessionId}/events?types=transcript_entry&${query}`;
  const { events } = JSON.parse((await send("GET", path)).text) as { events: StoredEvent[] };
  return events.map(({ offset, data: { seq, entry } }) => ({
    id: entry.uuid,
    offset,
    seq,
    writer: entry.writer,
    n: entry.n,
  }));
}

async function readLog(sessionId: string): Promise<Written[]> {
  const records: Written[] = [];
  for (let after = 0; ;) {
    const page = await readPage(sessionId, after);
    if (page.length === 0) return records;
    records.push(...page);
    after = page.at(-1)?.offset ?? 0;
  }
}

/** @returns one line for each thing that is wrong */
function faultsOf(
  sessionId: string,
  records: readonly Written[],
  writers: readonly Writer[],
): string[] {
  const faults: string[] = [];
  const offsets = new Map<string, number>();
  const last = new Map<number, number>();
  for (const [index, { id, offset, seq, writer, n }] of records.entries()) {
    if (offset !== index + 2) faults.push(`${sessionId}: line ${index + 1} has offset ${offset}`);
    if (seq !== index + 1) faults.push(`${sessionId}: line ${index + 1} has seq ${seq}`);
    if (offsets.has(id)) faults.push(`${sessionId}: ${id} is there twice`);
    offsets.set(id, offset);
    if (n !== (last.get(writer) ?? -1) + 1) {
      faults.push(`${sessionId}: ${id} follows ${last.get(writer)}`);
    }
    last.set(writer, n);
  }
  for (const { acknowledged } of writers) {
    for (const [id, offset] of acknowledged) {
      const stored = offsets.get(id);
      if (stored === undefined) faults.push(`${sessionId}: ${id} was acknowledged and is lost`);
      else if (offset !== undefined && offset !== stored) {
        faults.push(`${sessionId}: ${id} was acknowledged at ${offset} and is at ${stored}`);
      }
    }
  }
  return faults;
}

buildService();
service = await startService(volume);
const sessions = Array.from({ length: Number(values.sessions) }, (_, n) => `crash-${n}`);
for (const sessionId of sessions) await sendUntilAcknowledged("/api/sessions", { sessionId });
const writers: Writer[] = Array.from({ length: Number(values.writers) }, (_, writer) => ({
  writer,
  sessionId: sessions[writer % sessions.length] ?? "",
  acknowledged: new Map(),
}));
const count = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
const writing = Promise.all(writers.map(write));

/** Every fifth kill comes while the service recovers or has only just begun. */
const isEarly = (kill: number) => kill % 5 === 0;

let before = 0;
for (let kill = 1; kill <= kills; kill += 1) {
  while (!isEarly(kill) && count() < before + 100) await Promise.race([pause(5), writing]);
  await Promise.race([pause(Math.random() * 300), writing]);
  await service.end("SIGKILL");
  before = count();
  const killed = performance.now();
  service = await startService(volume, { CHECKPOINT_INTERVAL_MS: "200" });
  const backMs = Math.round(performance.now() - killed);
  print(`kill ${kill}/${kills}: ${before} acknowledged, back in ${backMs} ms`);
}
isWriting = false;
await writing;

const faults: string[] = [];
for (const sessionId of sessions) {
  const records = await readLog(sessionId);
  faults.push(
    ...faultsOf(
      sessionId,
      records,
      writers.filter((one) => one.sessionId === sessionId),
    ),
  );
}
await service.end("SIGTERM");
agent.destroy();
for (const fault of faults.slice(0, 50)) print(fault);
if (values.keep || faults.length > 0) print(`the volume is kept: ${volume}`);
else rmSync(volume, { recursive: true });
print(
  `${kills} kills, ${writers.length} writers, ${count()} records acknowledged, ${faults.length} faults`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
