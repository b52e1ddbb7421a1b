import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { sessionChecks } from "../../src/doctor-sessions.ts";
import { temporaryFolder } from "../support/relay.ts";

const statusOf = (more: object) => ({
  claudeSessions: {
    c1: { sessionId: "s1", life: "running", transcripts: 2, behindBytes: 0, ...more },
  },
});
const check = (more: object) =>
  sessionChecks(statusOf(more), "/no/such").map(({ name, ok, found }) => [name, ok, found]);

describe("what doctor says of sessions", () => {
  it.each([
    [{ state: "ours", epoch: 2, isSure: true }, true, "s1: ours, epoch 2"],
    [
      { state: "held", owner: "host-1:a", expiresAt: "T" },
      null,
      "s1: host-1:a has it until T; transcripts wait",
    ],
    [
      { state: "fenced", epoch: 1, owner: "host-1:a" },
      false,
      "s1: host-1:a has gone on with it; what comes from here is set aside in rejected.jsonl",
    ],
    [{ state: "unsupported", keepsTranscripts: true }, null, "s1: the service knows no leases"],
    [{ state: "unknown", reason: "500" }, null, "s1: not there yet: 500"],
  ])("is where its lease is: %o", (lease, ok, found) => {
    expect(check({ lease })[0]).toEqual(["lease", ok, found]);
  });

  it("is what of its transcripts waits", () => {
    const lease = { state: "ours", epoch: 1 };
    expect(check({ lease })[1]).toEqual(["lines", true, "2 transcripts, all sent"]);
    expect(check({ lease, behindBytes: 2_048 })[1]).toEqual([
      "lines",
      null,
      "2 transcripts, 2.0 KiB wait",
    ]);
  });

  it("is nothing of those that are over and sent, unless another has gone on with them", () => {
    const over = { life: "ended", lease: { state: "unknown" } };
    expect(check(over)).toEqual([["lease", true, "none is needed now"]]);
    expect(check({ ...over, lease: { state: "fenced", epoch: 1 } })[0]?.[1]).toBe(false);
  });

  it("is what a relay has left that is not there", async () => {
    const spool = await temporaryFolder();
    expect(sessionChecks(undefined, spool)).toEqual([]);
    await mkdir(join(spool, "leases"));
    await writeFile(join(spool, "leases", "s1.json"), '{"state":"ours","epoch":1}');
    await writeFile(join(spool, "leases", "s2.json"), '{"state":"fenced","epoch":1}');
    expect(sessionChecks(undefined, spool)).toMatchObject([
      { name: "lease", ok: false, found: expect.stringContaining("s2: another") as string },
    ]);
  });
});
