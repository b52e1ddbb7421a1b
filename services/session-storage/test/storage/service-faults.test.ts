import { spawnSync } from "node:child_process";

import { expect, it } from "vitest";

import { type Answer, createClient } from "../support/client.ts";
import { spawnService, startService, temporaryFolder } from "../support/start-service.ts";
import { createSmallDisk, whyNoSmallDisk } from "./small-disk.ts";

const noDisk = whyNoSmallDisk();
if (noDisk !== undefined) process.stdout.write(`skipping the tests of a full disk: ${noDisk}\n`);
const trial = spawnSync("strace", ["-f", "-o", "/dev/null", "true"], { encoding: "utf8" });
const noStrace = trial.error?.message ?? (trial.status === 0 ? undefined : trial.stderr.trim());
if (noStrace !== undefined) process.stdout.write(`skipping a failed fdatasync: ${noStrace}\n`);

type Client = ReturnType<typeof createClient>;

/** Appends until one is refused. @returns the ids that were acknowledged, and the refusal */
async function fillUntilRefused(client: Client): Promise<{ stored: string[]; refusal: Answer }> {
  const stored: string[] = [];
  for (let i = 0; ; i += 1) {
    const answer = await client.act("s-1", { id: `r-${i}`, text: "x".repeat(10_000) });
    if (answer.status !== 200) return { stored, refusal: answer };
    stored.push(`r-${i}`);
  }
}

const idsOf = (answer: Answer) => (answer.body as { id: string }[]).map(({ id }) => id);

it.skipIf(noDisk !== undefined)(
  "answers 507 on a full disk, keeps reading, goes on by itself within 2 s of space, loses nothing",
  async () => {
    const disk = createSmallDisk(8_388_608);
    const service = await startService(`${disk.root}/volume`, { BALLAST_BYTES: "1048576" });
    const client = createClient(service.url);
    await client.create("s-1");
    await disk.fill(200_000);

    const { stored, refusal } = await fillUntilRefused(client);

    expect(refusal).toMatchObject({ status: 507, body: { code: "storage_full" } });
    expect(refusal.headers.get("retry-after")).toBe("1");
    expect((await client.get("/readyz")).status).toBe(507);
    expect((await client.get("/health")).body).toMatchObject({ storage: { condition: "full" } });
    expect(idsOf(await client.get("/api/actions/s-1?limit=1000"))).toEqual(stored);
    // What was refused is not there, and what repeats an acknowledged record is answered still.
    expect((await client.get("/api/sessions/s-1")).body.metadata.counts.actions).toBe(
      stored.length,
    );

    await disk.free();
    const freed = Date.now();
    let ready = await client.get("/readyz");
    while (ready.status !== 200 && Date.now() - freed < 10_000) ready = await client.get("/readyz");
    expect(Date.now() - freed).toBeLessThan(2_000);
    expect((await client.act("s-1", { id: "after" })).body).toMatchObject({
      offset: stored.length + 2,
      seq: stored.length + 1,
    });
    await service.close();

    const again = createClient((await startService(`${disk.root}/volume`)).url);
    expect(idsOf(await again.get("/api/actions/s-1?limit=1000"))).toEqual([...stored, "after"]);
  },
);

it.skipIf(noDisk !== undefined)("deletes a session on a full disk", async () => {
  const disk = createSmallDisk(8_388_608);
  const service = await startService(`${disk.root}/volume`, { BALLAST_BYTES: "1048576" });
  const client = createClient(service.url);
  await client.create("s-1");
  await disk.fill(100_000);
  await fillUntilRefused(client);

  const answer = await client.delete("/api/sessions/s-1?force=true");

  expect([200, 507]).toContain(answer.status);
});

it.skipIf(noStrace !== undefined)(
  "goes read-only at the first failed fdatasync, says so, and after a restart has what was acknowledged",
  async () => {
    const volume = await temporaryFolder();
    const service = await spawnService(volume, {}, [
      "strace",
      "-f",
      "-o",
      "/dev/null",
      "-e",
      "inject=fdatasync:error=EIO:when=30+",
    ]);
    const client = createClient(service.url);
    await client.create("s-1");

    const { stored, refusal } = await fillUntilRefused(client);

    expect(stored.length).toBeGreaterThan(0);
    expect(refusal).toMatchObject({ status: 503, body: { code: "storage_read_only" } });
    expect((await client.act("s-1", { id: "late" })).status).toBe(503);
    expect((await client.get("/readyz")).status).toBe(503);
    expect((await client.get("/livez")).status).toBe(200);
    expect((await client.get("/health")).body).toMatchObject({
      status: "degraded",
      storage: { condition: "read_only" },
    });
    await service.kill("SIGKILL");

    const again = createClient((await startService(volume)).url);
    expect(idsOf(await again.get("/api/actions/s-1?limit=1000"))).toEqual(
      expect.arrayContaining(stored),
    );
    expect((await again.act("s-1", { id: "late" })).status).toBe(200);
  },
);
