import type { Logged } from "@sessions/hook-agent";

import { isObject, numberOf, textOf } from "../mapping/payload.ts";
import type { Reply, ServiceClient } from "../service-client.ts";
import { heldBy, type LeaseStatus, noteLease, readLease } from "./lease-status.ts";
import type { Log } from "./log.ts";
import type { Owner } from "./owner.ts";

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
  let status = readLease(path);
  let nextAskAt = 0;
  /** When that was asked to which the service last said that it is ours, ms since 1970: its time began after that. */
  let askedAt = 0;
  let failures = 0;
  let asking: Promise<void> | undefined;
  /** An answer to what was asked before `begin` says nothing any more. */
  let beginnings = 0;

  function become(next: LeaseStatus): void {
    status = next;
    try {
      noteLease(path, next);
    } catch (error) {
      log.warn({ error, sessionId }, "the lease can't be noted");
    }
  }

  function fence(epoch: number, by: string | undefined): void {
    become({ state: "fenced", epoch, ...(by !== undefined && { owner: by }) });
    log.warn({ sessionId, epoch, owner: by }, "another writer has gone on with the session");
  }

  function forget(): void {
    become({ state: "unknown", reason: "session_not_found" });
    nextAskAt = Date.now() + retryMs.noSession;
    onForgotten();
  }

  async function ask(force = false): Promise<void> {
    const held = heldBy(status);
    const began = beginnings;
    const isFresh = status.state === "ours" && status.isSure && Date.now() < askedAt + ttlMs;
    // To ask after a long silence could take it back from an heir that has let go of it by now.
    if (held !== undefined && !isFresh && !(await isStillOurs(held, began))) return;
    const now = Date.now();
    const reply = await client.call("POST", url, { body: { owner: owner.name, ttlMs, force } });
    failures = 0;
    if (began !== beginnings) return;
    nextAskAt = Date.now() + ttlMs / renewalsPerTtl;
    if (reply.status === 200) return granted(epochOf(reply), held, now);
    if (reply.code === "lease_held") {
      const by = textOf(reply.body, "owner") ?? "another";
      // Of an earlier container with this spool, which is not there any more.
      if (owner.isSelf(by) && !force) return ask(true);
      if (held !== undefined) return fence(held, by);
      nextAskAt = Date.now() + within(reply.retryAfterMs ?? 0);
      return become({ state: "held", owner: by, expiresAt: textOf(reply.body, "expiresAt") ?? "" });
    }
    if (reply.code === "session_not_found" && held !== undefined) return forget();
    if (reply.code === "session_not_found") {
      nextAskAt = Date.now() + retryMs.noSession;
      return become({ state: "unknown", reason: reply.code });
    }
    if (reply.status === 404 || reply.status === 405) {
      const kept = await client.call("GET", `/api/sessions/${sessionId}/transcripts`);
      const keepsTranscripts = kept.status === 200 || kept.code === "session_not_found";
      return become({ state: "unsupported", keepsTranscripts });
    }
    throw new Error(`${reply.status} ${reply.code ?? ""}`.trim());
  }

  /** Looks, and changes nothing at the service. */
  async function isStillOurs(held: number, began: number): Promise<boolean> {
    const reply = await client.call("GET", `/api/sessions/${sessionId}?fields=metadata`);
    if (began !== beginnings) return false;
    const isThere = reply.status === 200 && isObject(reply.body);
    if (!isThere && reply.code !== "session_not_found") throw new Error(`${reply.status}`);
    const metadata = isThere && isObject(reply.body) ? reply.body["metadata"] : undefined;
    const lease = isObject(metadata) ? metadata["lease"] : undefined;
    const epoch = numberOf(lease, "epoch") ?? 0;
    const by = textOf(lease, "owner");
    const isAnothers = epoch > held || (epoch === held && by !== undefined && !owner.isSelf(by));
    if (isAnothers) fence(held, by);
    // An epoch that was ours and is not there yet is of another session under the same id.
    else if (epoch < held || status.state === "fenced") forget();
    else return true;
    return false;
  }

  /** An epoch that is not the next one says that others had it since, however free it is by now. */
  async function granted(epoch: number, held: number | undefined, at: number): Promise<void> {
    if (held !== undefined && epoch > held + 1) {
      fence(held, undefined);
      await client.call("DELETE", `${url}?epoch=${epoch}`);
      return;
    }
    askedAt = at;
    if (status.state !== "ours" || status.epoch !== epoch || !status.isSure)
      become({ state: "ours", epoch, isSure: true });
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
    epoch: () => heldBy(status),
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
