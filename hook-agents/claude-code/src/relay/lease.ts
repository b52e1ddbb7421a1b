import { readFileSync, rmSync, writeFileSync } from "node:fs";

import type { Logged } from "@sessions/hook-agent";

import { isObject, numberOf, textOf } from "../mapping/payload.ts";
import type { Reply, ServiceClient } from "../service-client.ts";
import type { Log } from "./log.ts";
import type { Owner } from "./owner.ts";

/** Where the lease of a session is, as far as is known here. */
export type LeaseStatus =
  | { readonly state: "unknown"; readonly reason?: string }
  /** `isSure`: the service has said so to this relay. */
  | { readonly state: "ours"; readonly epoch: number; readonly isSure: boolean }
  | { readonly state: "held"; readonly owner: string; readonly expiresAt: string }
  /** It was ours and another writer went on: nothing of ours is taken any more. */
  | { readonly state: "fenced"; readonly epoch: number; readonly owner?: string }
  /** A service that knows no leases; it may or may not keep transcripts. */
  | { readonly state: "unsupported"; readonly keepsTranscripts: boolean };

export interface LeaseOptions {
  readonly sessionId: string;
  readonly owner: Owner;
  readonly client: ServiceClient;
  /** Milliseconds of silence after which another may take it. */
  readonly ttlMs: number;
  /** What the next relay has to know. */
  readonly path: string;
  /** The service knows nothing any more of what was sent: the session was deleted. */
  readonly onForgotten: () => void;
  readonly log: Log;
}

/** One session's lease. Nothing here throws or rejects; nothing waits for it but transcripts. */
export interface Lease {
  /** Under which to write, once there is one; that of a fenced session, so that it is refused. */
  epoch(): number | undefined;
  /** Whether transcripts may go. */
  isOurs(): boolean;
  /** Asks for it when it is time: first, again, or to say that we are there. */
  keep(): void;
  /** A write was refused because another has it. */
  lost(): void;
  /** A new Claude process, or `restore`, begins again. @returns true when the session was fenced */
  begin(epoch?: number): boolean;
  release(): Promise<void>;
  status(): LeaseStatus;
}

const retryMs = { noSession: 500, atLeast: 500, atMost: 5_000 };
/** Parts of the time to live between two signs of life. */
const renewalsPerTtl = 3;

export function createLease(options: LeaseOptions): Lease {
  const { sessionId, owner, client, ttlMs, path, onForgotten, log } = options;
  const url = `/api/sessions/${sessionId}/lease`;
  let status = read(path);
  let nextAskAt = 0;
  let failures = 0;
  let asking: Promise<void> | undefined;
  /** An answer to what was asked before `begin` says nothing any more. */
  let beginnings = 0;

  function become(next: LeaseStatus): void {
    status = next;
    try {
      if (next.state === "ours" || next.state === "fenced")
        writeFileSync(path, `${JSON.stringify(next)}\n`, { mode: 0o600 });
      else rmSync(path, { force: true });
    } catch (error) {
      log.warn({ error, sessionId }, "the lease can't be noted");
    }
  }

  function fence(epoch: number, by: string | undefined): void {
    become({ state: "fenced", epoch, ...(by !== undefined && { owner: by }) });
    log.warn({ sessionId, epoch, owner: by }, "another writer has gone on with the session");
  }

  async function ask(force = false): Promise<void> {
    const held = status.state === "ours" || status.state === "fenced" ? status.epoch : undefined;
    const began = beginnings;
    const reply = await client.call("POST", url, { body: { owner: owner.name, ttlMs, force } });
    failures = 0;
    if (began !== beginnings) return;
    nextAskAt = Date.now() + ttlMs / renewalsPerTtl;
    if (reply.status === 200) return granted(epochOf(reply), held);
    if (reply.code === "lease_held") {
      const by = textOf(reply.body, "owner") ?? "another";
      // Of an earlier container with this spool, which is not there any more.
      if (owner.isSelf(by) && !force) return ask(true);
      if (held !== undefined) return fence(held, by);
      nextAskAt = Date.now() + within(reply.retryAfterMs ?? 0);
      return become({ state: "held", owner: by, expiresAt: textOf(reply.body, "expiresAt") ?? "" });
    }
    if (reply.code === "session_not_found") {
      nextAskAt = Date.now() + retryMs.noSession;
      become({ state: "unknown", reason: reply.code });
      return held === undefined ? undefined : onForgotten();
    }
    if (reply.status === 404 || reply.status === 405) {
      const kept = await client.call("GET", `/api/sessions/${sessionId}/transcripts`);
      const keepsTranscripts = kept.status === 200 || kept.code === "session_not_found";
      return become({ state: "unsupported", keepsTranscripts });
    }
    throw new Error(`${reply.status} ${reply.code ?? ""}`.trim());
  }

  /** An epoch that is not the next one says that others had it since, however free it is by now. */
  async function granted(epoch: number, held: number | undefined): Promise<void> {
    if (held !== undefined && epoch > held + 1) {
      fence(held, undefined);
      await client.call("DELETE", `${url}?epoch=${epoch}`);
      return;
    }
    const wasFenced = status.state === "fenced";
    if (status.state !== "ours" || status.epoch !== epoch || !status.isSure)
      become({ state: "ours", epoch, isSure: true });
    // Refused and free all the same: it is another session under the same id.
    if (wasFenced) onForgotten();
  }

  function askNow(): void {
    asking ??= ask()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        nextAskAt = Date.now() + within(retryMs.atLeast * 2 ** failures);
        failures += 1;
        if (status.state === "unknown") status = { state: "unknown", reason };
      })
      .finally(() => {
        asking = undefined;
      });
  }

  return {
    epoch: () => (status.state === "ours" || status.state === "fenced" ? status.epoch : undefined),
    isOurs: () =>
      status.state === "unsupported"
        ? status.keepsTranscripts
        : status.state === "ours" && status.isSure,
    keep() {
      const isDecided = status.state === "fenced" || status.state === "unsupported";
      if (!isDecided && Date.now() >= nextAskAt) askNow();
    },
    lost() {
      if (status.state !== "ours") return;
      fence(status.epoch, undefined);
      // Who has it, and whether it is the same session still.
      askNow();
    },
    begin(epoch) {
      const wasFenced = status.state === "fenced";
      if (epoch !== undefined || wasFenced) beginnings += 1;
      if (epoch !== undefined) become({ state: "ours", epoch, isSure: false });
      else if (wasFenced) become({ state: "unknown" });
      if (epoch !== undefined || wasFenced) nextAskAt = 0;
      return wasFenced;
    },
    async release() {
      await asking;
      if (status.state !== "ours") return;
      const { epoch } = status;
      become({ state: "unknown" });
      // When it can't be told, the lease ends by itself.
      await client.call("DELETE", `${url}?epoch=${epoch}`).catch(() => {});
    },
    status: () => status,
  };
}

/** Learns from what becomes of a record that the lease is gone. */
export function watchRefusal(logged: Logged, lease: Lease): void {
  void logged.receipt.then((receipt) => {
    if (receipt.outcome === "rejected" && receipt.problem.code === "stale_epoch") lease.lost();
  });
}

export const epochOf = (reply: Reply): number =>
  (isObject(reply.body) ? numberOf(reply.body["lease"], "epoch") : undefined) ?? 0;

const within = (ms: number) => Math.min(retryMs.atMost, Math.max(retryMs.atLeast, ms));

function read(path: string): LeaseStatus {
  try {
    const noted = JSON.parse(readFileSync(path, "utf8")) as LeaseStatus;
    return noted.state === "ours" ? { ...noted, isSure: false } : noted;
  } catch {
    return { state: "unknown" };
  }
}
