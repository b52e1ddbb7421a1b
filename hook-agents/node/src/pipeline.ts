import { join, resolve } from "node:path";

import type { HookAgentOptions, Logged, Stats } from "./api.ts";
import { createBackoff } from "./backoff.ts";
import { type CommandLine, type CommandType, createCommandLine } from "./command.ts";
import { createCreation, createIdOf } from "./creation.ts";
import { Ticket } from "./fate.ts";
import { limitsOf } from "./limits.ts";
import { createQueue } from "./queue.ts";
import { createRejectedFile } from "./rejected.ts";
import { droppedLine } from "./relief.ts";
import { createShipper } from "./shipper.ts";
import { claimSpoolFolders, newSpoolFolder, touchEveryMs } from "./spool-folder.ts";
import { defaultSpoolDirectory } from "./spool-place.ts";
import { openSpool } from "./spool.ts";
import { createTally } from "./tally.ts";
import { createTransport } from "./transport.ts";
import type { Warnings } from "./warnings.ts";

/** From a command to the service's acknowledgement, by way of the spool. */
export interface Pipeline {
  /** May throw for a value that can't be serialised. @returns undefined when there is no room */
  log(type: CommandType, id: string, data: object): Logged | undefined;
  /** @param endsOnFailure don't wait out the time when the service can't be reached */
  flush(timeoutMs: number, endsOnFailure?: boolean): Promise<boolean>;
  close(): void;
  stats(): Omit<Stats, "enabled">;
}

export const defaultServiceUrl = "http://localhost:9000";

export function openPipeline(
  sessionId: string,
  options: HookAgentOptions,
  warnings: Warnings,
): Pipeline {
  const limits = limitsOf(options.limits);
  const directory = resolve(options.spoolDirectory ?? defaultSpoolDirectory());
  const sessionFolder = join(directory, sessionId);
  const tally = createTally(sessionId, warnings);
  let unloggedSession = options.session;
  let pulse: NodeJS.Timeout | undefined;
  let undecided = true;
  /** Drops that no `records_dropped` action tells of yet. */
  let untold = 0;

  const queue = createQueue({
    ...limits,
    newSpool: () => openSpool(newSpoolFolder(sessionFolder)),
    onRelief: tally.relieved,
    onDamage(records) {
      tally.damaged(records);
      append(lineOf(droppedLine(records, "spool_damaged")));
    },
    onSpoolCondition(error) {
      if (error === null) warnings.forget("spool");
      else warnings.warn("spool", { directory, error }, "spool can't be used as it should");
    },
  });
  const rejectedFile = createRejectedFile(sessionFolder, limits.rejectedBytes);
  const shipper = createShipper({
    ...limits,
    queue,
    transport: createTransport({
      url: eventsUrl(options.serviceUrl ?? defaultServiceUrl, sessionId),
      token: options.token,
      timeoutMs: limits.requestTimeoutMs,
      leaseEpoch: options.leaseEpoch,
    }),
    backoff: createBackoff(limits.retryBaseMs, limits.retryMaxMs),
    creation: createCreation(options.session ?? {}, limits.batchBytes),
    stored(records, duplicates) {
      tally.stored(records, duplicates);
      if (untold > 0 && append(lineOf(droppedLine(untold)))) untold = 0;
    },
    failed: tally.failed,
    rejected(lines, problem) {
      tally.refused(lines.length, problem);
      if (!rejectedFile.add(lines, problem)) tally.lost(lines.length);
    },
  });

  const startPulse = () => {
    pulse ??= setInterval(tick, touchEveryMs).unref();
  };

  const append = (line: CommandLine) => {
    const place = queue.append(line);
    startPulse();
    shipper.wake();
    return place;
  };

  const logCommand = (type: CommandType, id: string, data: object) => {
    const line = createCommandLine(type, id, data, limits.recordBytes);
    const place = append(line);
    tally.relieved(Number(line.shortened), Number(!place));
    if (!place) untold += 1;
    return place && new Ticket(id, place);
  };

  const claim = () => {
    const { folders, undecided: more } = claimSpoolFolders(sessionFolder);
    undecided = more;
    for (const folder of folders) tally.adopted(queue.adopt(openSpool(folder)));
    if (folders.length > 0) shipper.wake();
    // Also for what was taken over alone: an owner that says nothing counts as gone.
    if (undecided || folders.length > 0) startPulse();
  };

  const tick = () => {
    try {
      queue.tick();
      if (undecided) claim();
    } catch (error) {
      // Thrown from a timer it would end somebody else's process.
      warnings.warn("tick", { error }, "spool can't be looked after");
    }
  };

  claim();

  return {
    log(type, id, data) {
      if (unloggedSession) {
        const session = unloggedSession;
        unloggedSession = undefined;
        logCommand("session_created", createIdOf(session), session);
      }
      return logCommand(type, id, data);
    },
    async flush(timeoutMs, endsOnFailure = false) {
      const drained = queue.drained().then(() => true);
      const failed = endsOnFailure ? [shipper.failure().then(() => false)] : [];
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((end) => {
        timer = setTimeout(() => end(false), timeoutMs);
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
      return { queued: records, queuedBytes: bytes, memoryBytes, ...tally.counts() };
    },
  };
}

function lineOf(text: string): CommandLine {
  return { text, bytes: Buffer.byteLength(text), shortened: false };
}

function eventsUrl(serviceUrl: string, sessionId: string): URL {
  const base = serviceUrl.endsWith("/") ? serviceUrl : `${serviceUrl}/`;
  return new URL(`api/sessions/${sessionId}/events?reopen=true`, base);
}
