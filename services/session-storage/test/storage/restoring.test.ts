import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, expect, it } from "vitest";

import { createClient } from "../support/client.ts";
import { spawnService, startService, temporaryFolder } from "../support/start-service.ts";

type Client = ReturnType<typeof createClient>;
const rarely = { CHECKPOINT_INTERVAL_MS: "600000" };

let volume: string;
beforeEach(async () => {
  volume = await temporaryFolder();
});

const restore = (client: Client) => client.post("/api/sessions/s-1/restore", undefined);
async function write(client: Client): Promise<void> {
  await client.create("s-1");
  for (let i = 0; i < 3; i += 1) await client.act("s-1", { id: `r-${i}` });
}

async function expectRestored(client: Client): Promise<void> {
  const { events } = (await client.get("/api/sessions/s-1/events")).body;
  expect(events.map(({ type, offset }: Record<string, unknown>) => [type, offset])).toEqual([
    ["session_created", 1],
    ["action", 2],
    ["action", 3],
    ["action", 4],
    ["session_deleted", 5],
    ["session_restored", 6],
    ["action", 7],
  ]);
  expect((await client.act("s-1", { id: "r-1" })).body).toMatchObject({ offset: 3 });
  expect((await client.get("/health")).body).toMatchObject({ status: "ok" });
  expect(await readdir(join(volume, "trash"))).toEqual([]);
}

it.each([
  ["nothing", 0],
  ["what it was", 1],
  ["its deletion", 2],
  ["its return", 3],
])(
  "a restored session is there after kill -9, the last checkpoint having seen %s",
  async (_name, steps) => {
    const actions = [
      write,
      (client: Client) => client.delete("/api/sessions/s-1?force=true"),
      restore,
      (client: Client) => client.act("s-1", { id: "r-9" }),
    ];
    const first = await startService(volume, rarely);
    for (const act of actions.slice(0, steps)) await act(createClient(first.url));
    await first.close();
    const service = await spawnService(volume, rarely);
    for (const act of actions.slice(steps)) await act(createClient(service.url));
    await createClient(service.url).get("/api/actions/s-1");
    await service.kill("SIGKILL");

    const next = await spawnService(volume, rarely);
    // Once more, from the same checkpoint.
    await next.kill("SIGKILL");
    await expectRestored(createClient((await startService(volume)).url));
  },
);

it("what the trash no longer keeps can't be restored", async () => {
  const { url } = await startService(volume, { TRASH_GRACE_MS: "1" });
  const client = createClient(url);
  await write(client);
  await client.delete("/api/sessions/s-1?force=true");
  expect((await restore(client)).body).toMatchObject({ code: "session_not_found" });
});
