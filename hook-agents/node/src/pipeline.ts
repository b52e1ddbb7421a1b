import { join } from "node:path";

import { uuidv7 } from "uuidv7";

import type { HookAgentOptions, Logged, Stats } from "./api.ts";
import { createBackoff } from "./backoff.ts";
import { type CommandType, createCommandLine } from "./command.ts";
import { Ticket } from "./fate.ts";
import { limitsOf } from "./limits.ts";
import { createQueue } from "./queue.ts";
import { createRejectedFile } from "./rejected.ts";
import { droppedLine } from "./relief.ts";
import { createShipper } from "./shipper.ts";
import { claimSpoolFolders, newSpoolFolder, touchEveryMs } from "./spool-folder.ts";
import { defaultSpoolDirectory } from "./spool-place.ts";
import { openSpool } from "./spool.ts";
import { createTransport } from "./transport.ts";
import type { Warnings } from "./warnings.ts";

/** From a command to the service's acknowledgement, by way of the spool. */
export interface Pipeline {
  /** May throw for a value that can't be serialised. @returns undefined when there is no room */
  log(type: CommandType, id: string, data: object): Logged | undefined;
  /** @param endsOnFailure don't wait out the time when the service can't be reached */
  flush(timeoutMs: number, endsOnFailure?: boolean): Promise<boolean>;
  close(): void;
  stats(): Omit<Stats, "enabled" | "dropped"> & { dropped: number };
}

/** A token can be put right and a service exchanged, but not within a second. */
const slowRetryMs = 15_000;
/** A service that starts a little later than the agent is nothing to warn about. */
const toldAfterFailures = 6;

export function openPipeline(
  sessionId: string,
  options: HookAgentOptions,
  { warn, forget }: Warnings,
): Pipeline {
  const limits = limitsOf(options.limits);
  const sessionFolder = join(options.spoolDirectory ?? defaultSpoolDirectory(), sessionId);
  const counts = {
    adopted: 0,
    sent: 0,
    duplicates: 0,
    retried: 0,
    rejected: 0,
    dropped: 0,
    shortened: 0,
  };
  let lastError: string | null = null;
  /** Since the last success. */
  let failures = 0;
  let sessionLogged = options.session === undefined;
  let pulse: NodeJS.Timeout | undefined;
  let undecided = true;

  const rejectedFile = createRejectedFile(sessionFolder, limits.rejectedBytes);
  const queue = createQueue({
    ...limits,
    newSpool: () => openSpool(newSpoolFolder(sessionFolder)),
    onRelief(shortened, dropped) {
      counts.shortened += shortened;
      counts.dropped += dropped;
      warn("full", { sessionFolder }, "spool is full, the oldest bulk records give way");
    },
    onSpoolCondition(error) {
      if (error === null) forget("spool");
      else
        warn("spool", { sessionFolder, error }, "spool can't be written, records stay in memory");
    },
  });
  /** Drops that no `records_dropped` action tells of yet. */
  let untold = 0;
  const tellOfDrops = () => {
    if (untold === 0) return;
    const text = droppedLine(untold);
    if (queue.append({ text, bytes: Buffer.byteLength(text), shortened: false })) untold = 0;
  };
  const shipper = createShipper({
    queue,
    transport: createTransport({
      url: eventsUrl(options.serviceUrl ?? "http://localhost:9000", sessionId),
      token: options.token,
      timeoutMs: limits.requestTimeoutMs,
    }),
    backoff: createBackoff(limits.retryBaseMs, limits.retryMaxMs),
    batchBytes: limits.batchBytes,
    batchRecords: limits.batchRecords,
    slowRetryMs,
    newId: uuidv7,
    session: options.session ?? {},
    stored(records, duplicates) {
      counts.sent += records;
      counts.duplicates += duplicates;
      lastError = null;
      failures = 0;
      forget("service");
      tellOfDrops();
    },
    failed(reason, slow) {
      counts.retried += 1;
      failures += 1;
      lastError = reason;
      if (slow || failures >= toldAfterFailures)
        warn("service", { sessionId, reason }, "service takes no records, they stay in the spool");
    },
    rejected(line, problem) {
      counts.rejected += 1;
      warn("rejected", { sessionId, ...problem }, "record refused for good");
      if (rejectedFile.add(line, problem)) return;
      counts.dropped += 1;
      warn("rejected.jsonl", { sessionFolder }, "rejected.jsonl is full or can't be written");
    },
  });

  const claim = () => {
    const claimed = claimSpoolFolders(sessionFolder);
    undecided = claimed.undecided;
    for (const folder of claimed.folders) counts.adopted += queue.adopt(openSpool(folder));
    return claimed.folders.length > 0;
  };

  const tick = () => {
    queue.tick();
    if (undecided && claim()) shipper.wake();
  };
  const startPulse = () => {
    pulse ??= setInterval(tick, touchEveryMs).unref();
  };

  const append = (type: CommandType, id: string, data: object) => {
    const line = createCommandLine(type, id, data, limits.recordBytes);
    if (line.shortened) counts.shortened += 1;
    const place = queue.append(line);
    startPulse();
    shipper.wake();
    if (place) return new Ticket(id, place);
    counts.dropped += 1;
    untold += 1;
    return undefined;
  };

  if (claim() || undecided) {
    startPulse();
    shipper.wake();
  }

  return {
    log(type, id, data) {
      if (!sessionLogged) {
        sessionLogged = true;
        append("session_created", uuidv7(), options.session ?? {});
      }
      return append(type, id, data);
    },
    async flush(timeoutMs, endsOnFailure = false) {
      const drained = queue.drained().then(() => true);
      const failed = endsOnFailure ? [shipper.failure().then(() => false)] : [];
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      shipper.hurry();
      try {
        return await Promise.race([drained, late, ...failed]);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      clearInterval(pulse);
      shipper.stop();
      queue.close();
    },
    stats() {
      const { records, bytes, memoryBytes } = queue.size();
      return { queued: records, queuedBytes: bytes, memoryBytes, ...counts, lastError };
    },
  };
}

function eventsUrl(serviceUrl: string, sessionId: string): URL {
  const base = serviceUrl.endsWith("/") ? serviceUrl : `${serviceUrl}/`;
  return new URL(`api/sessions/${sessionId}/events?reopen=true`, base);
}
