import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Check } from "./doctor.ts";
import { isObject, numberOf, textOf } from "./mapping/payload.ts";

/** Who writes the sessions that are recorded here, and whether their transcripts are with the service. */
export function sessionChecks(relayStatus: unknown, spoolDirectory: string): Check[] {
  const sessions = isObject(relayStatus) ? relayStatus["claudeSessions"] : undefined;
  if (!isObject(sessions)) return fencedOnDisk(join(spoolDirectory, "leases"));
  const open = Object.values(sessions).filter(
    (session) =>
      textOf(session, "life") !== "ended" ||
      (numberOf(session, "behindBytes") ?? 0) > 0 ||
      leaseState(session) === "fenced",
  );
  if (open.length === 0) return [{ name: "lease", ok: true, found: "none is needed now" }];
  return open.flatMap((session) => [leaseCheck(session), transcriptCheck(session)]);
}

const leaseOf = (session: unknown) => (isObject(session) ? session["lease"] : undefined);
const leaseState = (session: unknown) => textOf(leaseOf(session), "state");

function leaseCheck(session: unknown): Check {
  const id = textOf(session, "sessionId") ?? "?";
  const lease = leaseOf(session);
  const owner = textOf(lease, "owner") ?? "another writer";
  const say = (ok: boolean | null, found: string): Check => ({
    name: "lease",
    ok,
    found: `${id}: ${found}`,
  });
  switch (leaseState(session)) {
    case "ours":
      return say(true, `ours, epoch ${numberOf(lease, "epoch")}`);
    case "held":
      return say(null, `${owner} has it until ${textOf(lease, "expiresAt")}; transcripts wait`);
    case "fenced":
      return fenced(id, owner);
    case "unsupported":
      return say(null, "the service knows no leases");
    default:
      return say(null, `not there yet${reasonOf(lease)}`);
  }
}

const reasonOf = (lease: unknown) => {
  const reason = textOf(lease, "reason");
  return reason === undefined ? "" : `: ${reason}`;
};

const fenced = (id: string, owner: string): Check => ({
  name: "lease",
  ok: false,
  found: `${id}: ${owner} has gone on with it; what comes from here is set aside in rejected.jsonl`,
});

function transcriptCheck(session: unknown): Check {
  const files = numberOf(session, "transcripts") ?? 0;
  const bytes = numberOf(session, "behindBytes") ?? 0;
  const found = bytes === 0 ? "all sent" : `${(bytes / 1024).toFixed(1)} KiB wait`;
  return { name: "lines", ok: bytes === 0 || null, found: `${files} transcripts, ${found}` };
}

/** What a relay has left that is not there now. */
function fencedOnDisk(folder: string): Check[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const lease: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
      if (textOf(lease, "state") !== "fenced") return [];
      return [fenced(name.replace(/\.json$/, ""), textOf(lease, "owner") ?? "another writer")];
    });
  } catch {
    // Nothing was ever recorded here.
    return [];
  }
}
