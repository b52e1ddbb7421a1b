import { fleetSchema } from "@sessions/contract";
import { expect, it } from "vitest";

import { noTranscripts } from "../../src/domain/transcripts.ts";
import { createCatalog } from "../../src/views/catalog.ts";
import { readFleet } from "../../src/views/fleet.ts";
import { createLayout } from "../../src/views/layout.ts";
import { createClient } from "../support/client.ts";
import { startService, temporaryFolder } from "../support/start-service.ts";

it("shows the fleet in one answer: who waits the longest first, who failed, what was used", async () => {
  const client = createClient((await startService(await temporaryFolder())).url);
  for (const id of ["runs", "waits-long", "waits", "failed", "done"]) await client.create(id);
  await client.patch("/api/state/waits-long", { waiting: { reason: "permission_request" } });
  await client.post("/api/sessions/failed/finalize", { status: "error" });
  await client.patch("/api/state/waits", {
    phase: "waiting",
    usage: { inputTokens: 3, costUsd: 1 },
  });
  await client.post("/api/sessions/done/finalize", {});

  const fleet = fleetSchema.parse((await client.get("/api/query/fleet")).body);

  expect(fleet.counts).toMatchObject({
    running: 1,
    waiting: 2,
    failed: 1,
    completed: 1,
    no_heartbeat: 0,
  });
  expect(fleet.attention.map(({ sessionId }) => sessionId)).toEqual([
    "waits-long",
    "failed",
    "waits",
  ]);
  expect(fleet.usage).toMatchObject({ inputTokens: 3, costUsd: 1 });
  expect(fleet.today).toMatchObject({ inputTokens: 3, costUsd: 1 });
  expect(fleet.eventsPerSecond).toBeGreaterThan(0);
  expect(fleet.disk.totalBytes).toBeGreaterThan(fleet.disk.freeBytes);
});

it("tells what was used today, also after a restart, and only until the day is over", async () => {
  const volume = await temporaryFolder();
  const first = await startService(volume);
  const before = createClient(first.url);
  await before.create("s-1");
  await before.patch("/api/state/s-1", { usage: { outputTokens: 3, costUsd: 1 } });
  await before.patch("/api/state/s-1", { usage: { outputTokens: 4, costUsd: 1.5 } });
  await first.close();

  const client = createClient((await startService(volume)).url);
  await client.patch("/api/state/s-1", { usage: { costUsd: 2 } });

  const { today } = fleetSchema.parse((await client.get("/api/query/fleet")).body);
  expect(today).toMatchObject({ outputTokens: 4, costUsd: 2 });

  const catalog = createCatalog();
  const { metadata } = (await client.get("/api/sessions/s-1")).body;
  catalog.put({ metadata, transcripts: noTranscripts, created: 1, active: 1 });
  const tomorrow = Date.parse(today.day) + 86_400_000;
  const later = await readFleet(catalog, createLayout(volume), 0, tomorrow);
  expect(later.usage).toMatchObject({ outputTokens: 4, costUsd: 2 });
  expect(later.today).toMatchObject({ outputTokens: 0, costUsd: null });
});
