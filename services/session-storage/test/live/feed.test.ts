import { once } from "node:events";

import { expect, it } from "vitest";
import { WebSocket } from "ws";

import { createClient } from "../support/client.ts";
import { startService, spawnService, temporaryFolder } from "../support/start-service.ts";

type Frame = { type: string; offset?: number; position?: number; [member: string]: unknown };

/** Every frame that came, and a promise for the first one that fits. */
function listen(url: string) {
  const socket = new WebSocket(url.replace("http", "ws"));
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    const parsed = JSON.parse(data.toString()) as Frame | Frame[];
    frames.push(...[parsed].flat());
    for (const look of waiting) look();
  });
  return {
    socket,
    frames,
    until(fits: (frame: Frame) => boolean): Promise<Frame> {
      return new Promise((resolve) => {
        const look = () => {
          const found = frames.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

it("gives every subscriber everything once and in order, whenever it came, while writers write", async () => {
  const service = await startService(await temporaryFolder());
  const client = createClient(service.url);
  await client.create("s-1");
  const total = 600;
  const subscribers: ReturnType<typeof listen>[] = [];

  for (let i = 0; i < total; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, k) => client.act("s-1", { type: `t-${i + k}` })),
    );
    if (i % 100 === 0) {
      subscribers.push(listen(`${service.url}/ws?session=s-1&after=0`));
      subscribers.push(listen(`${service.url}/ws?after=0&batch=1`));
    }
  }

  for (const [index, { frames, until, socket }] of subscribers.entries()) {
    await until((frame) => frame.offset === total + 1);
    const offsets = frames.flatMap(({ offset }) => offset ?? []);
    expect(offsets, `subscriber ${index}`).toEqual(
      Array.from({ length: total + 1 }, (_, i) => i + 1),
    );
    socket.close();
  }
});

it("closes a subscriber that does not read with 1013 and its last cursor, and memory stays", async () => {
  const service = await startService(await temporaryFolder());
  const client = createClient(service.url);
  await client.create("s-1");
  const slow = listen(`${service.url}/ws?session=s-1`);
  await slow.until(({ type }) => type === "caught_up");
  slow.socket.pause();
  const closed = once(slow.socket, "close") as Promise<[number, Buffer]>;

  const text = "x".repeat(256_000);
  for (let i = 0; i < 60; i += 1) await client.act("s-1", { text });
  slow.socket.resume();
  const [code, reason] = await closed;

  expect(code).toBe(1013);
  expect(reason.toString()).toMatch(/^slow consumer, last cursor \d+$/);
  const seen = slow.frames.flatMap(({ offset }) => offset ?? []);
  const again = listen(`${service.url}/ws?session=s-1&after=${seen.at(-1) ?? 1}`);
  await again.until(({ offset }) => offset === 61);
  expect([...seen, ...again.frames.flatMap(({ offset }) => offset ?? [])]).toEqual(
    Array.from({ length: 60 }, (_, i) => i + 2),
  );
  again.socket.close();
});

it("tells a gap for a position that the journal no longer keeps, then goes on", async () => {
  const volume = await temporaryFolder();
  const environment = {
    JOURNAL_SEGMENT_BYTES: "2000",
    JOURNAL_RETAIN_BYTES: "1",
  };
  const first = await startService(volume, environment);
  const before = createClient(first.url);
  await before.create("s-1");
  for (let i = 0; i < 50; i += 1) await before.act("s-1");
  await first.close();
  const service = await startService(volume, environment);

  const { frames, until, socket } = listen(`${service.url}/ws?after=1`);
  const gap = await until(({ type }) => type === "gap");
  await until(({ type }) => type === "caught_up");
  await createClient(service.url).act("s-1", { type: "after" });
  await until(({ offset }) => offset === 52);

  expect(gap).toMatchObject({ scope: "*", from: 2, reason: "trimmed" });
  const positions = frames.flatMap(({ position, type }) =>
    type === "action" ? (position ?? []) : [],
  );
  expect(positions[0]).toBe((gap["to"] as number) + 1);
  expect(positions).toEqual(positions.map((_, i) => (positions[0] as number) + i));
  socket.close();
});

it("tells its clients when it goes, and a request under way is finished", async () => {
  const volume = await temporaryFolder();
  const service = await spawnService(volume);
  const client = createClient(service.url);
  await client.create("s-1");
  const { until, socket } = listen(`${service.url}/ws`);
  await until(({ type }) => type === "caught_up");
  const closed = once(socket, "close") as Promise<[number, Buffer]>;
  const stream = await fetch(`${service.url}/api/events`, {
    headers: { accept: "text/event-stream" },
  });

  const writes = Array.from({ length: 50 }, (_, i) => client.act("s-1", { type: `t-${i}` }));
  await Promise.race(writes);
  const began = Date.now();
  const code = await service.kill("SIGTERM");

  expect(code).toBe(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(await until(({ type }) => type === "draining")).toMatchObject({ retryAfterMs: 1_000 });
  expect((await closed)[0]).toBe(1001);
  expect(await stream.text()).toContain('"draining"');
  const done = await Promise.allSettled(writes);
  const statuses = done.map((one) => (one.status === "fulfilled" ? one.value.status : "cut"));
  const acknowledged = statuses.filter((status) => status === 200).length;
  expect(acknowledged).toBeGreaterThan(0);
  const again = createClient((await startService(volume)).url);
  expect((await again.get("/api/actions/s-1")).body).toHaveLength(acknowledged);
});
