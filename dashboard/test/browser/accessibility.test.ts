import { join } from "node:path";

import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { hasChromium } from "../support/chromium.ts";
import { fillFleet } from "../support/fleet.ts";
import { setStage } from "../support/stage.ts";

const views = [
  ["#/fleet", "Sessions"],
  ["#/feed", "Events"],
  ["#/connect", "Connect an agent"],
  ["#/system", "System"],
  ["#/s/worker-00/feed", "Events"],
  ["#/s/worker-00/feed?at=14", "As recorded"],
  ["#/s/worker-00/timeline", " calls"],
  ["#/s/worker-00/agents", "Explore"],
  ["#/s/worker-00/goals", "Goal 0"],
  ["#/s/worker-00/state", "State"],
  ["#/s/worker-00/transcript", "Done"],
  ["#/s/worker-00/raw", "session_created"],
  ["#/s/worker-00/feed?kind=transcript&at=1", "As recorded"],
  ["#/fleet?q=npm+test&user=ana&status=failed", "Filters in use"],
] as const;
const bareViews = [
  ["#/s/bare/feed?text=none", "No event yet"],
  ["#/s/bare/timeline", "No call"],
  ["#/s/bare/agents", "has spawned no agent"],
  ["#/s/bare/goals", "has set no goal"],
  ["#/s/bare/state", "State"],
  ["#/s/bare/transcript", "No prompt"],
] as const;
const emptyViews = [
  ["#/fleet", "No session yet"],
  ["#/feed", "No event yet"],
  ["#/connect", "Connect an agent"],
  ["#/system", "System"],
  ["#/s/none/feed", "There is no session"],
  ["#/nowhere", "no such page"],
] as const;
const errorViews = [
  ["#/fleet", "could not be shown"],
  ["#/s/worker-00/feed", "could not be shown"],
  ["#/system", "could not be shown"],
  ["#/feed", "live feed can't be reached"],
  ["#/connect", "Connect an agent"],
] as const;
const brokenHistoryViews = [
  ["#/s/worker-00/feed", "could not be shown"],
  ["#/s/worker-00/transcript", "could not be shown"],
  ["#/s/worker-00/raw", "could not be shown"],
] as const;
const themes = ["dark", "light"] as const;
const widths = [1_280, 390, 320];
/** A folder for a picture of every view, to look at. */
const pictures = process.env["SCREENSHOTS"];

/** What a second theme can change. */
const colourRules = ["color-contrast", "link-in-text-block"];

async function findingsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const run = `axe.run(${JSON.stringify(options)})`;
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Nothing is wider than the window: a page that scrolls sideways is lost on a phone. */
const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

describe.runIf(hasChromium)("for everybody", () => {
  const stage = setStage({
    async fill(service) {
      await fillFleet(service);
      const entry = { type: "user", message: { content: "Fix the login form" } };
      await service.post("/v1/store/p/sessions/worker-00/entries", [entry]);
      await service.post("/api/sessions/worker-00/lease", { owner: "host-2" });
      await service.post("/api/sessions", { sessionId: "bare" });
    },
  });

  async function findingsOn(
    page: Page,
    origin: string,
    list: readonly (readonly [string, string])[],
    kind: string,
  ): Promise<string[]> {
    const findings: string[] = [];
    for (const [hash, text] of list) {
      await page.goto("about:blank");
      await page.setViewportSize({ width: 1_280, height: 800 });
      await page.goto(`${origin}/${hash}`);
      await page.locator(`#main :text("${text}"), #main [aria-label="${text}"]`).first().waitFor();
      for (const theme of themes)
        for (const width of widths) {
          await page.setViewportSize({ width, height: 800 });
          await page.locator("select").first().selectOption(theme);
          const at = `${hash} ${theme} ${width}`;
          if (pictures !== undefined)
            await page.screenshot({
              path: join(pictures, `${kind}${at.replaceAll(/[^\w-]+/g, "_")}.png`),
            });
          if (await isTooWide(page)) findings.push(`${at} is wider than the window`);
          const found = await findingsOf(page, theme === "dark" ? undefined : colourRules);
          findings.push(...found.map((finding) => `${at} ${finding}`));
        }
    }
    return findings;
  }

  it("has no accessibility violation on any full page, dark or light, wide or narrow", async () => {
    const { page, service } = await stage.open();
    expect(await findingsOn(page, service.url, views, "full")).toEqual([]);
  }, 300_000);

  it("has none on an empty page", async () => {
    const { page, service } = await stage.open(await stage.another());
    expect(await findingsOn(page, service.url, emptyViews, "empty")).toEqual([]);
  }, 200_000);

  it("has none in a session without anything", async () => {
    const { page, service } = await stage.open();
    expect(await findingsOn(page, service.url, bareViews, "bare")).toEqual([]);
  }, 200_000);

  it("has none in the list of keys", async () => {
    const { page, service } = await stage.open();
    await page.goto(`${service.url}/#/fleet`);
    await page.locator(".session-row a").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await findingsOf(page)]).toEqual([width, []]);
    }
  }, 60_000);

  it("has none when the service fails or answers nonsense", async () => {
    const { page, service } = await stage.open();
    await page.route("**/api/**", (route) => route.fulfill({ status: 200, body: "<html>" }));
    expect(await findingsOn(page, service.url, errorViews, "error")).toEqual([]);
    await page.unroute("**/api/**");
    await page.route("**/events?*", (route) => route.fulfill({ status: 200, body: "<html>" }));
    expect(await findingsOn(page, service.url, brokenHistoryViews, "broken")).toEqual([]);
  }, 200_000);

  it("has none while it asks for a key", async () => {
    const { page, service } = await stage.open();
    await page.route("**/api/**", (route) =>
      route.fulfill({ status: 401, json: { code: "unauthorized", detail: "no key" } }),
    );
    expect(await findingsOn(page, service.url, [["#/fleet", "asks for a key"]], "key")).toEqual([]);
  }, 120_000);
});
