import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { ServiceClient } from "../service-client.ts";
import { createLease, type Lease } from "./lease.ts";
import type { Log } from "./log.ts";
import type { Owner } from "./owner.ts";

export interface LeasesOptions {
  readonly owner: Owner;
  readonly client: ServiceClient;
  readonly ttlMs: number;
  readonly folder: string;
  readonly onForgotten: (sessionId: string) => void;
  readonly log: Log;
}

/** The leases of the sessions that are recorded here. */
export interface Leases {
  of(sessionId: string): Lease;
  /** Forgets what is noted of sessions that nobody here knows any more. */
  keepOnly(sessionIds: ReadonlySet<string>): void;
}

const extension = ".json";

export function openLeases(options: LeasesOptions): Leases {
  const { folder, onForgotten, ...more } = options;
  const leases = new Map<string, Lease>();
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  return {
    of(sessionId) {
      const lease =
        leases.get(sessionId) ??
        createLease({
          ...more,
          sessionId,
          path: join(folder, `${sessionId}${extension}`),
          onForgotten: () => onForgotten(sessionId),
        });
      leases.set(sessionId, lease);
      return lease;
    },
    keepOnly(sessionIds) {
      for (const name of readdirSync(folder))
        if (!sessionIds.has(name.slice(0, -extension.length)))
          rmSync(join(folder, name), { force: true });
    },
  };
}
