import type { WebSocketRoute } from "playwright-core";
import { describe, expect, it } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { fillFleet } from "../support/fleet.ts";
import { mutatedEvents, mutationsOf } from "../support/mutated.ts";
import { settledOf } from "../support/received.ts";
import { setStage } from "../support/stage.ts";

const json = (frame: object) => JSON.stringify(frame);
const connected = (version: string) =>
  json({ type: "connected", authenticated: true, position: 100, version });
const caughtUp = json({ type: "caught_up", scope: "*", cursor: 100 });

describe.runIf(hasChromium)("a live feed that is not as it should be", () => {
  const stage = setStage({ fill: (service) => fillFleet(service, 3) });

  /** The page with a feed whose every frame the test sends. */
  async function openFeed() {
    const { page, service, trouble } = await stage.open();
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      sockets.push(socket);
    });
    await page.goto(`${service.url}/#/feed`);
    const next = async () => {
      const count = sockets.length;
      if (count > 0) await sockets.at(-1)?.close();
      await expect.poll(() => sockets.length, { timeout: 8_000 }).toBeGreaterThan(count);
      return sockets.at(-1)!;
    };
    await expect.poll(() => sockets.length).toBe(1);
    return { page, service, trouble, first: sockets[0]!, next };
  }

  it("says how many events are missing, and only once it has begun", async () => {
    const { page, trouble, first } = await openFeed();
    const gap = (from: number, to: number, reason: string) =>
      json({ type: "gap", scope: "*", from, to, reason });
    first.send(connected("1"));
    first.send(gap(1, 50, "trimmed"));
    first.send(caughtUp);
    first.send(gap(101, 107, "damaged"));
    await page.getByText("7 events are missing here").waitFor();
    expect(trouble.errors).toEqual([]);
  });

  it("says what it lost by the sessions' offsets, and shows once what comes twice", async () => {
    const { page, trouble, first } = await openFeed();
    const at = { sessionId: "s", timestamp: "2026-11-21T05:00:00.000Z", type: "action" };
    const event = (offset: number, position: number) => {
      const data = { type: "step", details: { offset } };
      return json({ ...at, offset, position, data });
    };
    first.send(connected("1"));
    first.send(caughtUp);
    for (const frame of [event(4, 101), event(5, 102), event(5, 103), event(7, 104)])
      first.send(frame);
    await page.getByText("1 event is missing here").waitFor();
    expect(await settledOf(page, 3)).toEqual({ events: 3, lost: 1 });
    expect(await page.locator(".feed-row", { hasText: "offset: 5" }).count()).toBe(1);
    expect(trouble.errors).toEqual([]);
  });

  it("takes no harm from frames that are none", async () => {
    const { page, trouble, first } = await openFeed();
    first.send(connected("1"));
    first.send(caughtUp);
    for (const frame of ["null", "7", '[null,1,"x",[[]],{}]', '{"type":7}', '{"type":"later"}'])
      first.send(frame);
    const event = { sessionId: "worker-00", offset: 1, timestamp: "never", data: [], type: "odd" };
    first.send(
      json([
        { ...event, position: 101 },
        { ...event, position: "102" },
      ]),
    );
    await page.locator(".feed-row", { hasText: "odd" }).waitFor();
    expect(trouble.errors).toEqual([]);
  });

  it("draws 10,000 events in which anything stands anywhere, and each page about them", async () => {
    const { page, service, trouble, first } = await openFeed();
    const events = mutatedEvents(10_000, "worker-00", 101);
    first.send(connected("1"));
    first.send(caughtUp);
    for (let from = 0; from < events.length; from += 500)
      first.send(json(events.slice(from, from + 500)));
    expect(await settledOf(page, 10_000)).toEqual({ events: 10_000, lost: 0 });
    const body = page.locator(".table-body");
    for (let top = 0; top < events.length * 32; top += 2_000)
      await body.evaluate((element, to) => void (element.scrollTop = to), top);
    expect(await page.locator(".feed-row:not(.row-head)").count()).toBeGreaterThan(10);

    await page.route("**/events?*", (route) => {
      const query = new URL(route.request().url()).searchParams;
      const after = Number(query.get("after"));
      const page = events.slice(after, after + Math.min(300, Number(query.get("limit"))));
      const next = Math.min(events.length, after + page.length);
      const members = { next, latest: events.length, earliest: 1, hasMore: next < events.length };
      return route.fulfill({ json: { events: page, ...members } });
    });
    // With the keyboard: rows that are clicked may scroll away under the pointer.
    for (let row = 0; row < 50; row += 1) {
      await page.keyboard.press("k");
      await page.locator(".panel .json").waitFor();
    }
    expect(await page.locator(".is-problem").count()).toBe(0);
    for (const tab of ["feed", "timeline", "transcript", "raw", "state", "feed?kind=transcript"]) {
      await page.goto(`${service.url}/#/s/worker-00/${tab}`);
      await page.locator(".pane, .feed-row:not(.row-head)").first().waitFor();
      expect(await page.locator(".is-problem").count()).toBe(0);
    }
    expect(await page.evaluate(() => (globalThis as { hacked?: unknown }).hacked)).toBe(undefined);
    expect(trouble).toEqual(noTrouble);
  }, 90_000);

  it("shows a session whose every member may be something else, or says that it can't", async () => {
    const { page, service, trouble } = await stage.open();
    const answer = await fetch(`${service.url}/api/sessions/worker-00`);
    const real = (await answer.json()) as object;
    for (const odd of mutationsOf(real, 20)) {
      await page.route("**/api/sessions/worker-00?*", (route) => route.fulfill({ json: odd }));
      await page.goto("about:blank");
      await page.goto(`${service.url}/#/s/worker-00/state`);
      await page.locator(".pane, .is-problem").first().waitFor();
      for (const tab of ["agents", "goals"]) {
        await page.goto(`${service.url}/#/s/worker-00/${tab}`);
        await page.locator(".pane, .message").first().waitFor();
      }
      await page.unroute("**/api/sessions/worker-00?*");
    }
    expect(trouble).toEqual(noTrouble);
  }, 120_000);

  it("comes back with a countdown after one that is not JSON, and tells of a new version", async () => {
    const { page, trouble, first, next } = await openFeed();
    first.send(connected("1"));
    first.send(caughtUp);
    await page.getByText("live", { exact: true }).waitFor();
    first.send("<html>");
    await page.getByText("reconnecting…").waitFor();
    const second = await next();
    expect(second.url()).toContain("after=100");
    second.send(connected("2"));
    second.send(caughtUp);
    await page.getByRole("button", { name: "Version 2 is here: reload" }).waitFor();
    await page.getByText("Reconnected, 0 caught up, 0 lost").waitFor();
    expect(trouble.errors).toEqual([]);
  }, 30_000);
});
