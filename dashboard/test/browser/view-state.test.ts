import { describe, expect, it } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { fillFleet } from "../support/fleet.ts";
import { setStage } from "../support/stage.ts";

const key = "0123456789abcdef-key";

describe.runIf(hasChromium)("a view", () => {
  const stage = setStage({ fill: (service) => fillFleet(service, 12) });

  it("survives a reload, a pasted URL and the way back", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/fleet`);
    await page.getByLabel("Search").fill("Task 1");
    await page.getByRole("button", { name: /waiting/ }).click();
    await expect.poll(() => page.url()).toContain("q=Task+1");
    const rows = page.locator(".session-row:not(.row-head)");
    await expect.poll(() => rows.count()).toBe(0);
    await page.getByRole("button", { name: /waiting/ }).click();
    await page.getByRole("button", { name: /failed/ }).click();
    await expect.poll(() => rows.count()).toBe(1);
    const url = page.url();
    await page.reload();
    await expect.poll(() => rows.count()).toBe(1);
    expect(await page.getByLabel("Search").inputValue()).toBe("Task 1");
    await rows.first().locator("a").click();
    await page.locator(".tabs").waitFor();
    await page.getByRole("link", { name: "Goals" }).click();
    await page.getByText("Goal 0").waitFor();
    await page.goBack();
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(1);
    expect(page.url()).toBe(url);
    const pasted = await page.context().newPage();
    await pasted.goto(url);
    await expect.poll(() => pasted.locator(".session-row:not(.row-head)").count()).toBe(1);
    expect(trouble).toEqual(noTrouble);
  }, 30_000);

  it("is narrowed by chips, each taken away with a click, and says who waits all the same", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/s/worker-01/feed`);
    await page.locator(".facts").getByRole("link", { name: "ana" }).click();
    await expect.poll(() => page.url()).toContain("#/fleet?user=ana");
    const rows = page.locator(".session-row:not(.row-head)");
    await expect.poll(() => rows.count()).toBe(8);
    await page.getByRole("button", { name: /failed/ }).click();
    await expect.poll(() => rows.count()).toBe(2);
    const waiting = page.locator(".attention-item", { hasText: "Task 0" });
    await waiting.waitFor();
    await page.getByRole("button", { name: /^user: ana/ }).click();
    await page.getByRole("button", { name: /failed/ }).click();
    await expect.poll(() => rows.count()).toBe(12);
    await waiting.waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 30_000);

  it("leads to one event, and to where a text was found", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/s/worker-00/feed?at=14`);
    await page.locator(".panel .json").waitFor();
    await page.getByText(/^Paused/).waitFor();
    await page.goto(`${service.url}/#/fleet?q=login+form`);
    await page.locator(".hits a").first().click();
    await page.locator(".panel .json-text", { hasText: "Fix the login form" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it("says what is wrong and tries again, when an answer is refused, cut off or not what it knows", async () => {
    const { page, service, trouble } = await stage.open();
    const answers = [
      { status: 500, body: '{"detail":"it broke"}' },
      { status: 200, body: '{"sessions":' },
      { status: 200, body: '{"sessions":[{"a":1}],"nextCursor":null}' },
      { status: 200, body: "[]" },
    ];
    for (const answer of answers) {
      await page.route("**/api/sessions?*", (route) => route.fulfill(answer));
      await page.goto("about:blank");
      await page.goto(`${service.url}/#/fleet`);
      await page.getByText("This could not be shown:").waitFor();
      await page.unroute("**/api/sessions?*");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator(".session-row a").first().waitFor();
    }
    expect(trouble.errors).toEqual([]);
  }, 30_000);

  it("says on every page when nothing more can be recorded", async () => {
    const { page, service, trouble } = await stage.open();
    for (const [condition, sentence] of [
      ["full", "The volume is full"],
      ["read_only", "the service is read-only"],
    ] as const) {
      const storage = { condition, position: 0 };
      const health = { status: "degraded", version: "1", storage };
      await page.route("**/api/health", (route) => route.fulfill({ json: health }));
      for (const hash of ["#/fleet", "#/s/worker-00/goals"]) {
        await page.goto("about:blank");
        await page.goto(`${service.url}/${hash}`);
        await page.getByText(sentence).waitFor();
      }
    }
    expect(trouble.errors).toEqual([]);
  }, 30_000);

  it("has the whole history of a long session for who wants it", async () => {
    const { page, service, trouble } = await stage.open();
    const step = (number: number) => ({ type: "action", data: { type: `step-${number}` } });
    const steps = Array.from({ length: 6_000 }, (_, index) => step(index));
    await service.post("/api/sessions", { sessionId: "long" });
    await service.post("/api/sessions/long/events", steps);
    await page.goto(`${service.url}/#/s/long/feed`);
    await page.getByText("1,001 earlier events are not loaded.").waitFor();
    await page.getByText("5,000 events · 0 lost").waitFor();
    await page.getByRole("button", { name: "Load them" }).click();
    await page.getByText("6,001 events · 0 lost").waitFor();
    await page.getByLabel("Text in these rows").fill("step-0");
    await page.locator(".feed-row", { hasText: "step-0" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 30_000);

  it("keeps the theme that was chosen", async () => {
    const { page, service } = await stage.open();
    await page.goto(service.url);
    await page.getByLabel("Theme").selectOption("light");
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("light");
  });
});

describe.runIf(hasChromium)("a service with keys", () => {
  const stage = setStage({ environment: { AUTH: "on", API_KEYS: key } });

  it("is asked with the key that the person gives, kept for the tab only", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(service.url);
    await page.getByText("This service asks for a key").waitFor();
    await page.getByLabel("API key").fill("not the key at all");
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("The service does not know that key.").waitFor();
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.getByText("No session yet").waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    await service.post("/api/sessions", { sessionId: "guarded" });
    await page.locator(".session-row a", { hasText: "guarded" }).waitFor();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    expect(trouble.errors).toEqual([]);
  }, 40_000);

  it("keeps a key although an earlier request is refused after it was given", async () => {
    const { page, service } = await stage.open();
    let give = () => {};
    const given = new Promise<void>((resolve) => (give = resolve));
    const isFleet = (address: string) => address.endsWith("/api/query/fleet");
    await page.route("**/api/query/fleet", async (route) => {
      if (route.request().headers()["authorization"] === undefined) await given;
      await route.continue();
    });
    const late = page.waitForResponse((answer) => answer.status() === 401 && isFleet(answer.url()));
    await page.goto(service.url);
    await page.getByText("This service asks for a key").waitFor();
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Use this key" }).click();
    give();
    await late;
    await page.getByText("live", { exact: true }).waitFor();
    await service.post("/api/sessions", { sessionId: "afterwards" });
    await page.locator(".session-row a", { hasText: "afterwards" }).waitFor();
    expect(await page.getByText("This service asks for a key").count()).toBe(0);
  }, 40_000);
});
