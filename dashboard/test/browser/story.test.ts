import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { readmeBlock } from "@sessions/newcomer";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { fillFleet } from "../support/fleet.ts";
import { setStage } from "../support/stage.ts";

const demoScript = fileURLToPath(new URL("../../../scripts/demo.ts", import.meta.url));

/** From the fleet to the session, its action, its goal and its state. */
async function withMouse(page: Page): Promise<void> {
  await page.locator(".session-row a", { hasText: "first" }).click();
  await page.locator(".feed-row", { hasText: "task_start" }).click();
  await page.locator(".panel .json-text", { hasText: "process_data" }).waitFor();
  await page.getByRole("link", { name: "Goals" }).click();
  await page.getByText("Process data", { exact: true }).waitFor();
  await page.getByRole("link", { name: "State" }).click();
  await page.locator(".json-text", { hasText: "execution" }).waitFor();
}

async function withKeyboard(page: Page): Promise<void> {
  const { keyboard } = page;
  const press = async (...keys: string[]) => {
    for (const key of keys) await keyboard.press(key);
  };
  await press("j", "Enter");
  await page.locator(".feed-row", { hasText: "task_start" }).waitFor();
  await press("/");
  await keyboard.type("task_start");
  await press("Escape");
  await expect.poll(() => page.locator(".feed-row:not(.row-head)").count()).toBe(1);
  await press("e");
  await page.locator(".panel .json-text", { hasText: "process_data" }).waitFor();
  await press("Escape", "4");
  await page.getByText("Process data", { exact: true }).waitFor();
  await press("5");
  await page.locator(".json-text", { hasText: "execution" }).waitFor();
  await press("g", "e");
  await page.locator(".feed-row.has-session", { hasText: "task_start" }).waitFor();
  await press("k", "Enter");
  await page.getByRole("heading", { name: "first" }).waitFor();
}

describe.runIf(hasChromium)("a person", () => {
  const stage = setStage();

  it("comes to an empty service, records something with curl's lines and sees it", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(service.url);
    await page.getByText("No session yet: connect an agent").waitFor();
    const lines = await page.locator('section[aria-label="curl"] pre').textContent();
    expect(lines).toContain(`${service.url}/api/sessions`);
    await service.post("/api/sessions", { sessionId: "first", userId: "me" });
    await service.post("/api/actions/first", { type: "task_start", details: { task: "try it" } });
    await page.locator(".session-row a", { hasText: "first" }).click();
    await page.locator(".feed-row", { hasText: "task_start" }).click();
    await page.locator(".panel .json-text", { hasText: "try it" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it.each([
    ["the mouse", withMouse],
    ["the keyboard alone", withKeyboard],
  ])("follows the README's first two minutes with %s and sees each step", async (_name, goOn) => {
    const service = await stage.another();
    const { page, trouble } = await stage.open(service);
    const { text } = readmeBlock("The first two minutes");
    const script = text.replaceAll("localhost:9000", new URL(service.url).host);
    expect(script).toContain("/api/actions/first");
    await page.goto(service.url);
    await page.getByText("No session yet: connect an agent").waitFor();
    await promisify(execFile)("bash", ["-euc", script]);
    await page.locator(".toast", { hasText: "Heard first: it works" }).waitFor();
    await page.locator(".session-row a", { hasText: "first" }).waitFor();
    await goOn(page);
    expect(trouble).toEqual(noTrouble);
  });

  it("sees the demo's fleet move within 20 s, and is rid of it with one click", async () => {
    const service = await stage.another();
    const { page, trouble } = await stage.open(service);
    await page.goto(service.url);
    await page.getByText("No session yet: connect an agent").waitFor();
    const demo = spawn(process.execPath, ["--import", "tsx", demoScript, service.url]);
    onTestFinished(() => void demo.kill("SIGKILL"));
    const ended = once(demo, "exit");
    const rows = page.locator(".session-row:not(.row-head)");
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(3);
    await page.locator(".session-row .cell-doing b").first().waitFor();
    await page.locator(".attention-item", { hasText: "npm run deploy" }).waitFor();
    await page.goto(`${service.url}/#/connect`);
    await page.getByRole("button", { name: /^Delete \d test sessions/ }).click();
    await page.getByText(/^Deleted \d test sessions/).waitFor();
    expect(await ended).toEqual([0, null]);
    const list = await fetch(`${service.url}/api/sessions`);
    expect(await list.json()).toMatchObject({ sessions: [], total: 0 });
    expect(trouble).toEqual(noTrouble);
  }, 60_000);

  it("makes a test session, looks through it, exports and imports it", async () => {
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/connect`);
    await page.getByRole("button", { name: "Create a test session" }).click();
    await page.getByRole("heading", { name: "Test session" }).waitFor();
    await expect.poll(() => page.title()).toMatch(/^\(1\) Test session/);
    await page.getByRole("link", { name: "Transcript" }).click();
    await page.locator(".prose strong", { hasText: "hello" }).waitFor();
    await page.getByRole("button", { name: /^Edit / }).click();
    await page.locator(".diff-added", { hasText: "# Hello!" }).waitFor();
    await page.getByRole("link", { name: "Goals" }).click();
    await page.getByText("Say hello", { exact: true }).waitFor();
    await page.getByRole("link", { name: "State" }).click();
    await page.getByText("changed last").first().waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    await page.goto(`${service.url}/#/connect`);
    await page.locator('input[type="file"]').setInputFiles(await file.path());
    await page.getByText(/Imported \d+ events/).waitFor();
    await page.getByRole("heading", { name: "Test session" }).waitFor();
    await page.goto(`${service.url}/#/connect`);
    await page.getByRole("button", { name: "Delete 2 test sessions" }).click();
    await page.getByText("Deleted 2 test sessions").waitFor();
    await page.goto(`${service.url}/#/fleet`);
    await page.locator(".session-row a").first().waitFor();
    const left = page.locator(".session-row", { hasText: "Test session" });
    await expect.poll(() => left.count()).toBe(0);
    expect(trouble).toEqual(noTrouble);
  }, 30_000);

  it("is content when others have deleted what it wants to delete", async () => {
    const service = await stage.another();
    const { page, trouble } = await stage.open(service);
    for (const sessionId of ["one", "two"])
      await service.post("/api/sessions", { sessionId, labels: { test: "t" } });
    await page.route("**/api/sessions/*", async (route) => {
      await fetch(route.request().url(), { method: "DELETE" });
      await route.continue();
    });
    await page.goto(`${service.url}/#/connect`);
    await page.getByRole("button", { name: "Delete 2 test sessions" }).click();
    await page.getByText("Deleted 2 test sessions").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("2 are back").waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it("finishes a session, deletes it and takes the deletion back", async () => {
    const { page, service, trouble } = await stage.open();
    await service.post("/api/sessions", { sessionId: "brief", name: "A brief one" });
    await page.goto(`${service.url}/#/s/brief/feed`);
    await page.getByRole("button", { name: "Finalize" }).click();
    await page.locator(".session-title .is-stopped").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Deleted brief").waitFor();
    await page.locator(".session-row").first().waitFor();
    await expect
      .poll(() => page.locator(".session-row", { hasText: "A brief one" }).count())
      .toBe(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("heading", { name: "A brief one" }).waitFor();
    await page.locator(".feed-row", { hasText: "brought back" }).waitFor();

    await fetch(`${service.url}/api/sessions/brief`, { method: "DELETE" });
    await page.getByText("This session was deleted.").waitFor();
    await page.reload();
    await page.getByText("There is no session brief").waitFor();
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByRole("heading", { name: "A brief one" }).waitFor();
    expect(trouble).toEqual(noTrouble);
  });

  it("finds who waits and reads what happened with the keyboard alone", async () => {
    const { page, service, trouble } = await stage.open();
    await fillFleet(service, 12);
    await page.goto(`${service.url}/#/connect`);
    await page.getByRole("heading", { name: "Connect an agent" }).waitFor();
    const { keyboard } = page;
    await keyboard.press("g");
    await keyboard.press("f");
    await page.locator(".session-row .is-waiting").first().waitFor();
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.locator(".session-title .is-waiting").waitFor();
    await page.locator(".feed-row", { hasText: "npm test" }).first().waitFor();
    await keyboard.press("k");
    await keyboard.press("k");
    await page.getByText(/^Paused/).waitFor();
    await page.locator(".panel .json").waitFor();
    await keyboard.press("Escape");
    await expect.poll(() => page.locator(".panel").count()).toBe(0);
    await keyboard.press("p");
    await page.getByText("Following the newest").waitFor();
    await keyboard.press("/");
    await keyboard.type("npm test");
    const rows = page.locator(".feed-main .feed-row:not(.row-head)");
    await expect.poll(() => rows.filter({ hasNotText: "npm test" }).count()).toBe(0);
    expect(await rows.count()).toBeGreaterThan(0);
    await keyboard.press("Escape");
    await keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await keyboard.press("g");
    await keyboard.press("e");
    await page.locator(".feed-row.has-session").first().waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 30_000);
});
