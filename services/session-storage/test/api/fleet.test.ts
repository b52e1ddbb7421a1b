import { fleetSchema } from "@sessions/contract";
import { expect, it } from "vitest";

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
  expect(fleet.eventsPerSecond).toBeGreaterThan(0);
  expect(fleet.disk.totalBytes).toBeGreaterThan(fleet.disk.freeBytes);
});
