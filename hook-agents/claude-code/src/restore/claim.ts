import { textOf } from "../mapping/payload.ts";
import { epochOf } from "../relay/lease.ts";
import type { Owner } from "../relay/owner.ts";
import { Refusal, type ServiceClient } from "../service-client.ts";
import { RestoreError } from "./options.ts";

/** The lease while a session is restored; the relay that starts next goes on with it. */
export interface Claim {
  /** undefined: the service knows no leases. */
  readonly epoch: number | undefined;
  /** Leaves it as it is. */
  keep(): void;
  /** Nothing was restored: others may have it. */
  giveBack(): Promise<void>;
}

export interface ClaimOptions {
  readonly client: ServiceClient;
  readonly sessionId: string;
  readonly owner: Owner;
  readonly ttlMs: number;
  readonly force: boolean;
}

/** Signs of life in a time to live: what is restored may be long. */
const renewalsPerTtl = 3;

export async function claimLease(options: ClaimOptions): Promise<Claim> {
  const { client, sessionId, owner, ttlMs, force } = options;
  const url = `/api/sessions/${encodeURIComponent(sessionId)}/lease`;
  const ask = (byForce: boolean) =>
    client.call("POST", url, { body: { owner: owner.name, ttlMs, force: byForce } });

  let reply = await ask(force);
  if (reply.code === "lease_held" && owner.isSelf(textOf(reply.body, "owner")))
    reply = await ask(true);
  if (reply.code === "lease_held") throw held(sessionId, reply.body);
  const isUnknown = reply.code !== "session_not_found" && [404, 405].includes(reply.status);
  if (isUnknown) return { epoch: undefined, keep() {}, giveBack: async () => {} };
  if (reply.status !== 200) throw new Refusal(reply);

  const epoch = epochOf(reply);
  // A call that fails is made again; one that is refused shows when entries are sent under the epoch.
  const timer = setInterval(() => void ask(false).catch(() => {}), ttlMs / renewalsPerTtl);
  return {
    epoch,
    keep: () => clearInterval(timer),
    async giveBack() {
      clearInterval(timer);
      await client.call("DELETE", `${url}?epoch=${epoch}`).catch(() => {});
    },
  };
}

function held(sessionId: string, body: unknown): RestoreError {
  const owner = textOf(body, "owner") ?? "another writer";
  const expiresAt = textOf(body, "expiresAt") ?? "";
  const seconds = Math.max(1, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1_000));
  const until = Number.isNaN(seconds)
    ? ""
    : `, until ${expiresAt} (${seconds} s) if it says no more`;
  return new RestoreError(
    "lease_held",
    `${owner} writes session ${sessionId} now${until}: wait, go on in a copy with --fork, or take it away with --force`,
    { sessionId, owner, expiresAt },
  );
}
