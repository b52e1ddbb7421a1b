import * as z from "zod";

import { limits } from "./limits.ts";

const owner = z.string().min(1).max(limits.nameLength);
const epoch = z.int().positive();

/** Who writes a session now, so that no second writer goes on with it unseen. */
export const leaseSchema = z
  .object({
    /** null: let go; the next one to ask gets the next epoch. */
    owner: owner.nullable(),
    /** Grows with every owner. A write that names an older one is refused. */
    epoch,
    /** Without a word from its owner for so long it is free, ms. */
    ttlMs: z.int(),
    since: z.string(),
  })
  .meta({ id: "Lease" });
export type Lease = z.infer<typeof leaseSchema>;

export const leaseInputSchema = z
  .strictObject({
    /** Names one life of one writer, such as `host-1:boot-id`; the same again renews. */
    owner,
    ttlMs: z.int().min(limits.leaseMinMs).max(limits.leaseMaxMs).default(60_000),
    /** Take it from an owner that is still alive. */
    force: z.boolean().default(false),
  })
  .meta({ id: "LeaseInput" });
export type LeaseInput = z.infer<typeof leaseInputSchema>;

export const leaseAcquiredSchema = z.object({
  owner,
  epoch,
  ttlMs: z.int(),
  /** Whom it had before; null: nobody, or they let go. */
  takenFrom: owner.nullable(),
  reason: z.enum(["free", "expired", "forced"]),
});
export const leaseReleasedSchema = z.object({ owner, epoch });

export const leaseReceiptSchema = z
  .object({ success: z.literal(true), lease: leaseSchema })
  .meta({ id: "LeaseReceipt" });
export const leaseQuerySchema = z.strictObject({ epoch: z.coerce.number().int().positive() });

/** Names the epoch under which a client writes; on every call that writes to a session. */
export const leaseEpochHeader = "lease-epoch";
