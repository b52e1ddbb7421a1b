import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { Config } from "../config.ts";
import { type HookPayload, parsePayload } from "../mapping/payload.ts";
import { createServiceClient } from "../service-client.ts";
import { createAgents } from "./agents.ts";
import { createClaudeSessions } from "./claude-sessions.ts";
import { createFollowing } from "./following.ts";
import { type Arrival, type Inbox, openInbox } from "./inbox.ts";
import { openLeases } from "./leases.ts";
import type { Log } from "./log.ts";
import { openOwner } from "./owner.ts";
import { processGonePayload } from "./recorder.ts";
import { openHookServer } from "./server.ts";
import { notesFolderOf, openSessionFiles } from "./session-file.ts";

export interface RelayOptions {
  readonly config: Config;
  readonly log: Log;
  /** Milliseconds between two looks at the Claude processes. */
  readonly tickMs?: number;
}

export interface Relay {
  readonly port: number;
  /** Resolves when the relay has nothing left to do and nobody has spoken for a while. */
  readonly idle: Promise<void>;
  /** Records what was taken and sends what it can within the bound; the rest stays in the spool. */
  close(options?: { timeoutMs?: number }): Promise<void>;
}

const closeTimeoutMs = 3_000;

/** Takes hooks on loopback and records them. Rejects when the port is taken, which is the lock on the spool. */
export async function openRelay({ config, log, tickMs = 2_000 }: RelayOptions): Promise<Relay> {
  const { spoolDirectory, serviceUrl, token } = config;
  const pending = new Set<Promise<void>>();
  const arrivals: Arrival[] = [];
  let opened: Inbox | undefined;
  let lastHookAt = Date.now();

  const server = await openHookServer({
    port: config.port,
    onHook(body, pid) {
      if (!opened) throw new Error("the inbox is opened before the first connection");
      lastHookAt = Date.now();
      enqueue(opened.add(body, pid));
    },
    status: () => ({
      service: "session-hook",
      pid: process.pid,
      boot: inbox.boot,
      serviceUrl,
      spoolDirectory,
      inbox: inbox.waiting(),
      claudeSessions: sessions.status(),
      sessions: agents.stats(),
    }),
  });
  const inbox = (opened = openInbox(join(spoolDirectory, "inbox"), log));
  const agents = createAgents({
    serviceUrl,
    token,
    spoolDirectory: join(spoolDirectory, "sessions"),
    leaseEpoch: (sessionId) => leases.of(sessionId).epoch(),
    log,
  });
  const leases = openLeases({
    owner: openOwner(spoolDirectory),
    client: createServiceClient(serviceUrl, token),
    ttlMs: config.leaseMs,
    folder: join(spoolDirectory, "leases"),
    onForgotten: (sessionId) => sessions.restart(sessionId),
    log,
  });
  const files = openSessionFiles(notesFolderOf(spoolDirectory), log);
  const sessions = createClaudeSessions({ config, agents, leases, files, log });
  sessions.load(new Set(inbox.left.map(({ boot }) => boot)));
  agents.adopt(sessions.createdWith);
  for (const arrival of inbox.left) dispatch(arrival);
  const following = createFollowing({ sessions, agents, leases });

  /** After the answer: a hook of 12 MB takes its time to parse. */
  function enqueue(arrival: Arrival): void {
    arrivals.push(arrival);
    if (arrivals.length > 1) return;
    setImmediate(() => {
      for (const next of arrivals.splice(0)) dispatch(next);
    });
  }

  function dispatch(arrival: Arrival): void {
    const payload = parsePayload(arrival.body.toString());
    if (!payload) {
      log.warn({ bytes: arrival.body.length }, "a hook that is none was dropped");
      return inbox.done(arrival);
    }
    const taken = sessions
      .of(payload.session_id, begins(payload))
      .take(arrival, payload)
      .then(() => {
        inbox.done(arrival);
        pending.delete(taken);
      });
    pending.add(taken);
  }

  let onIdle = () => {};
  const idle = new Promise<void>((resolve) => (onIdle = resolve));
  const timer = setInterval(() => {
    for (const claudeSession of sessions.beat())
      enqueue(inbox.add(processGonePayload(claudeSession)));
    const isBusy =
      inbox.waiting().arrivals > 0 ||
      Object.values(agents.stats()).some(({ queued }) => queued > 0) ||
      sessions.isAnyRunning() ||
      following.isBehind();
    if (!isBusy && Date.now() - lastHookAt >= config.idleMs) onIdle();
  }, tickMs);

  return {
    port: server.port,
    idle,
    async close({ timeoutMs = closeTimeoutMs } = {}) {
      clearInterval(timer);
      const deadline = Date.now() + timeoutMs;
      await server.close();
      for (const arrival of arrivals.splice(0)) dispatch(arrival);
      await within(timeoutMs, Promise.all(pending));
      await within(deadline - Date.now(), following.close(deadline));
      await agents.flush(Math.max(0, deadline - Date.now()));
      await within(deadline - Date.now(), following.letGo());
      await agents.close();
      files.close();
      inbox.close();
    },
  };
}

/** A compaction goes on with the same process. */
const begins = ({ hook_event_name: hook, source }: HookPayload) =>
  hook === "SessionStart" && source !== "compact";

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const bound = new AbortController();
  const timeout = delay(Math.max(0, timeoutMs), undefined, { signal: bound.signal }).catch(() => {
    // Ended by the abort below: the work was done in time.
  });
  await Promise.race([work, timeout]);
  bound.abort();
}
