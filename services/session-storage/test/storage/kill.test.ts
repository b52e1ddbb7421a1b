import { expect, it } from "vitest";

import { createClient } from "../support/client.ts";
import { spawnService, temporaryFolder } from "../support/start-service.ts";

const writers = 16;
const kills = 5;

/** scripts/crash.ts does the same 50 times. */
it("kill -9 under 16 writers: every acknowledged record is there exactly once, in order", async () => {
  const volume = await temporaryFolder();
  const acknowledged: string[][] = Array.from({ length: writers }, () => []);
  /** The record that was sent and not answered when the service died: it is sent again. */
  const next = Array.from({ length: writers }, () => 0);

  for (let life = 0; life <= kills; life += 1) {
    const service = await spawnService(volume, { CHECKPOINT_INTERVAL_MS: "200" });
    const client = createClient(service.url);
    let isDead = false;
    const enough = 20 * (life + 1) * writers;
    let sent = 0;
    const writing = Array.from({ length: writers }, async (_, writer) => {
      await client.create(`w-${writer}`).catch(() => {});
      while (!isDead && sent < enough) {
        const id = `w-${writer}-${next[writer]}`;
        const answer = await client.act(`w-${writer}`, { id }).catch(() => undefined);
        if (answer?.status !== 200) continue;
        acknowledged[writer]?.push(id);
        next[writer] = (next[writer] ?? 0) + 1;
        sent += 1;
        // In the middle of the others' requests.
        if (sent === enough / 2 && life < kills) {
          isDead = true;
          await service.kill("SIGKILL");
        }
      }
    });
    await Promise.all(writing);
    if (life < kills) continue;
    for (const [writer, expected] of acknowledged.entries()) {
      const { body } = await client.get(`/api/actions/w-${writer}?limit=10000`);
      expect(body.map(({ id }: { id: string }) => id)).toEqual(expected);
      const { events } = (await client.get(`/api/sessions/w-${writer}/events?limit=10000`)).body;
      expect(events.map(({ offset }: { offset: number }) => offset)).toEqual(
        events.map((_: unknown, index: number) => index + 1),
      );
    }
  }
  expect(acknowledged.flat().length).toBeGreaterThan(writers * kills);
}, 90_000);
