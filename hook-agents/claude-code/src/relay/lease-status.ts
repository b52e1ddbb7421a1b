import { readFileSync, rmSync, writeFileSync } from "node:fs";

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

/** The epoch that is, or was, ours. */
export const heldBy = (status: LeaseStatus) =>
  status.state === "ours" || status.state === "fenced" ? status.epoch : undefined;

/** For the next relay: one that is not noted is asked for as if it had never been ours. */
export function noteLease(path: string, status: LeaseStatus): void {
  if (heldBy(status) === undefined) rmSync(path, { force: true });
  else writeFileSync(path, `${JSON.stringify(status)}\n`, { mode: 0o600 });
}

export function readLease(path: string): LeaseStatus {
  try {
    const noted = JSON.parse(readFileSync(path, "utf8")) as LeaseStatus;
    return noted.state === "ours" ? { ...noted, isSure: false } : noted;
  } catch {
    return { state: "unknown" };
  }
}
