import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { settledOf } from "../support/received.ts";
import { setStage } from "../support/stage.ts";

const entries = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    type: "assistant",
    uuid: `u-${from + index}`,
    message: { role: "assistant", content: [{ type: "text", text: `Line ${from + index}` }] },
    padding: "x".repeat(3_000),
  }));

describe.runIf(hasChromium)("a session with a transcript", () => {
  const stage = setStage({
    async fill(service) {
      await service.post("/api/sessions", { sessionId: "kept" });
      await service.post("/api/actions/kept", { type: "before", details: { step: 1 } });
      await service.post("/v1/store/p/sessions/kept/entries", entries(300));
      await service.post("/api/actions/kept", { type: "after", details: { step: 2 } });
    },
  });

  it("shows its lines only to who asks for them, and counts them as what they are", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/feed`);
    await page.locator(".feed-row", { hasText: "after" }).waitFor();
    expect(await page.locator(".feed-row:not(.row-head)").count()).toBe(3);
    const { events } = await settledOf(page, 303);
    await service.post("/v1/store/p/sessions/kept/entries", entries(50, 300));
    expect(await settledOf(page, events + 50)).toEqual({ events: events + 50, lost: 0 });
    expect(await page.locator(".feed-row:not(.row-head)").count()).toBe(3);

    await page.getByLabel("Kind").selectOption("transcript");
    await page.locator(".feed-row", { hasText: "Line 349" }).click();
    await page.locator(".panel .card pre", { hasText: "Line 349" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it("has them all in its own feed, also the ones of before, and where the search found one", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/s/kept/feed`);
    await page.locator(".feed-row", { hasText: "before" }).waitFor();
    await page.locator(".feed-row", { hasText: "after" }).waitFor();
    await page.getByLabel("Kind").selectOption("transcript");
    await page.getByLabel("Text in these rows").fill("Line 17");
    const rows = page.locator(".feed-row:not(.row-head)");
    await expect.poll(() => rows.count()).toBe(11);

    await page.goto(`${service.url}/#/fleet?q=Line+42`);
    await page.locator(".hits a").first().click();
    await page.locator(".panel .card pre", { hasText: "Line 42" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it("is read while much is happening in it, though there is little between many lines", async () => {
    const { page, service, trouble } = await stage.open();
    await page.route("**/events?*", async (route) => {
      const answer = await route.fetch();
      // Longer than from one batch of what happens to the next.
      await sleep(400);
      await route.fulfill({ response: answer });
    });
    let isOver = false;
    const recording = (async () => {
      for (let index = 1_000; !isOver; index += 1)
        await service.post("/v1/store/p/sessions/kept/entries", entries(1, index));
    })();
    await service.post("/v1/store/p/sessions/kept/entries", entries(700, 350));
    await page.goto(`${service.url}/#/s/kept/transcript`);
    await page.locator(".entry", { hasText: "step: 1" }).waitFor();
    isOver = true;
    await recording;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    expect(trouble).toEqual(noTrouble);
  });

  it("says who writes it now, and who took it over", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/s/kept/feed`);
    await page.locator(".feed-row", { hasText: "after" }).waitFor();
    await service.post("/api/sessions/kept/lease", { owner: "host-1" });
    await page.locator(".facts", { hasText: "host-1, epoch 1" }).waitFor();
    await service.post("/api/sessions/kept/lease", { owner: "host-2", force: true });
    await page.locator(".facts", { hasText: "host-2, epoch 2" }).waitFor();
    await page
      .locator(".feed-row", { hasText: "taken over by host-2, epoch 2, from host-1 (forced)" })
      .waitFor();
    expect(trouble).toEqual(noTrouble);
  });
});
