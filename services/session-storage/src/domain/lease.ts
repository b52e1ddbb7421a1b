import type { Lease, LeaseInput } from "@sessions/contract";

import { ServiceError } from "./errors.ts";
import type { EventDraft, SessionEvent } from "./event.ts";

export interface LeaseContext {
  /** ISO 8601. */
  readonly now: string;
  /** When its owner last wrote or asked, ISO 8601; undefined: not since it got the lease. */
  readonly leaseSeenAt?: string | undefined;
}

/** Nothing when the owner has it already: asking again only shows that it is alive. */
export function acquireLease(
  lease: Lease | null,
  { owner, ttlMs, force }: LeaseInput,
  context: LeaseContext,
): EventDraft[] {
  if (lease?.owner === owner && lease.ttlMs === ttlMs) return [];
  const holder = lease?.owner ?? null;
  const expiresAt = lease === null ? 0 : expiryOf(lease, context);
  const isTaken = holder !== null && holder !== owner && expiresAt > Date.parse(context.now);
  if (isTaken && !force) {
    throw new ServiceError("lease_held", `${holder} holds the lease with epoch ${lease?.epoch}`, {
      retryAfterMs: expiresAt - Date.parse(context.now),
      members: { owner: holder, epoch: lease?.epoch, expiresAt: new Date(expiresAt).toISOString() },
    });
  }
  const takenFrom = holder === owner ? null : holder;
  const reason = takenFrom === null ? "free" : isTaken ? "forced" : "expired";
  const epoch = (lease?.epoch ?? 0) + 1;
  return [{ type: "lease_acquired", data: { owner, epoch, ttlMs, takenFrom, reason } }];
}

export function releaseLease(lease: Lease | null, epoch: number): EventDraft[] {
  checkEpoch(lease, epoch);
  if (lease === null || lease.owner === null) return [];
  return [{ type: "lease_released", data: { owner: lease.owner, epoch } }];
}

/** A write under an epoch that is over comes from a writer that was given up: it must not mix with its heir's. */
export function checkEpoch(lease: Lease | null, epoch: number): void {
  const current = lease?.epoch ?? 0;
  if (epoch === current) return;
  throw new ServiceError(
    "stale_epoch",
    `the lease has epoch ${current}, not ${epoch}: another writer has gone on with this session`,
    { members: { epoch: current, owner: lease?.owner ?? null } },
  );
}

/** When it is free without a further word, ms since 1970. */
function expiryOf({ since, ttlMs }: Lease, { leaseSeenAt = since }: LeaseContext): number {
  return Math.max(Date.parse(since), Date.parse(leaseSeenAt)) + ttlMs;
}

export function foldLease(before: Lease | null, event: SessionEvent): Lease | null {
  const since = event.timestamp;
  if (event.type === "lease_acquired") {
    const { owner, epoch, ttlMs } = event.data;
    return { owner, epoch, ttlMs, since };
  }
  if (event.type === "lease_released" && before !== null) return { ...before, owner: null, since };
  return before;
}
