import { describe, expect, it } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { receivedOf, settledOf } from "../support/received.ts";
import { setStage } from "../support/stage.ts";

const action = (number: number) => ({
  type: "action",
  data: { type: "step", details: { number } },
});
const batch = (size: number, from = 0) =>
  Array.from({ length: size }, (_, index) => action(from + index));

describe.runIf(hasChromium)("the live feed", () => {
  const stage = setStage({
    fill: (service) => service.post("/api/sessions", { sessionId: "busy" }),
  });

  it("stays small and follows while much happens, and stands still when somebody reads", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/feed`);
    await page.locator(".feed-row").first().waitFor();
    const before = await receivedOf(page);
    for (let round = 0; round < 10; round += 1)
      await service.post("/api/sessions/busy/events", batch(1_000, round * 1_000));
    const events = before.events + 10_000;
    expect(await settledOf(page, events)).toEqual({ events, lost: 0 });
    await page.locator(".feed-row", { hasText: "number: 9999" }).waitFor();
    expect(await page.locator("*").count()).toBeLessThan(400);

    await page.locator(".table-body").hover();
    await page.mouse.wheel(0, -600);
    await page.getByText(/^Paused · 0 new/).waitFor();
    const seen = await page.locator(".feed-row").nth(8).textContent();
    await service.post("/api/sessions/busy/events", batch(214));
    await page.getByText("Paused · 214 new").waitFor();
    expect(await page.locator(".feed-row").nth(8).textContent()).toBe(seen);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.locator(".feed-row", { hasText: "number: 213" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 40_000);

  it("loses and doubles nothing while the service is killed again and again", async () => {
    const kills = 4;
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/feed`);
    await page.locator(".feed-row").first().waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    const before = await receivedOf(page);
    let sent = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await service.post("/api/sessions/busy/events", batch(300));
      await service.restart();
      await service.post("/api/sessions/busy/events", batch(200));
      sent += 500;
      await page
        .getByRole("button", { name: "Retry" })
        .click({ timeout: 5_000 })
        .catch(() => {
          // It had come back by itself before the button could be pressed.
        });
      await page.getByText("live", { exact: true }).waitFor();
    }
    const events = before.events + sent;
    expect(await settledOf(page, events)).toEqual({ events, lost: 0 });
    await page.getByText(/Reconnected, \d+ caught up, 0 lost/).waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 120_000);

  it("shows in the fleet within seconds who begins to wait", async () => {
    const { page, service } = await stage.open();
    await page.goto(service.url);
    await page.locator(".session-row a", { hasText: "busy" }).waitFor();
    const waiting = { reason: "permission_request", tool: "Bash", summary: "git push --force" };
    await service.post("/api/sessions/busy/events", [
      { type: "state_updated", data: { mode: "merge", patch: { phase: "waiting", waiting } } },
    ]);
    await page.locator(".attention-item code", { hasText: "git push --force" }).waitFor();
    expect(await page.title()).toMatch(/^\(1\)/);
  });
});
