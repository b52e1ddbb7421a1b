// Measures the feed in Chromium: 1,000 events a second for 60 s on 100,000 rows, then the service killed 20 times.
//   npm run bench -w @sessions/dashboard -- [seconds] [kills]
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { CDPSession, Page } from "playwright-core";

import { launchChromium, openPage } from "../test/support/chromium.ts";
import { type Service, buildDashboard, startService } from "../test/support/service.ts";

const [seconds = 60, kills = 20] = process.argv.slice(2).map(Number);
const rowsBefore = 100_000;
const perSecond = 1_000;
const batchesPerSecond = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);
let sent = 0;

/** What a fleet of workers records: mostly tool calls, some text. */
async function record(service: Service, count: number): Promise<void> {
  const commands = Array.from({ length: count }, () => {
    sent += 1;
    const input = { command: `npm test -- --shard ${sent}`, description: `Run part ${sent}` };
    const details = { tool: "Bash", tool_use_id: `t${sent}`, outcome: "succeeded", input };
    return { type: "action", data: { type: "tool_use", details: { ...details, durationMs: 840 } } };
  });
  await service.post(`/api/sessions/worker-${sent % 50}/events`, [
    { type: "session_created", data: {} },
    ...commands,
  ]);
}

async function received(page: Page): Promise<number> {
  const text = (await page.locator(".follow .quiet").textContent()) ?? "";
  return Number(text.replaceAll(/\D/g, ""));
}

async function settle(page: Page, expected: number): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const count = await received(page);
    if (count >= expected || Date.now() > deadline) return count;
    await sleep(200);
  }
}

async function metricsOf(cdp: CDPSession): Promise<Record<string, number>> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

const folder = await buildDashboard();
const service = await startService(folder);
const browser = await launchChromium();
try {
  for (let worker = 0; worker < 50; worker += 1)
    await service.post("/api/sessions", { sessionId: `worker-${worker}` });
  const { page, trouble } = await openPage(browser, service.url);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  await page.goto(`${service.url}/#/feed`);
  await page.getByText("live", { exact: true }).waitFor();
  const created = await received(page);
  while (sent < rowsBefore) await record(service, 2_000);
  say(`rows before            ${(await settle(page, created + sent)) - created}`);

  await page.evaluate(`
    globalThis.frames_ = [];
    { let last = performance.now();
      const frame = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(frame); };
      requestAnimationFrame(frame); }`);
  const before = await metricsOf(cdp);
  say(`heap with these rows   ${((before["JSHeapUsedSize"] ?? 0) / 1e6).toFixed(1)} MB`);
  const began = Date.now();
  for (let tick = 1; tick <= seconds * batchesPerSecond; tick += 1) {
    await record(service, perSecond / batchesPerSecond);
    await sleep(Math.max(0, began + (tick * 1_000) / batchesPerSecond - Date.now()));
  }
  const tookMs = Date.now() - began;
  const measured = await metricsOf(cdp);
  const frames = await page.evaluate<number[]>("frames_.sort((a, b) => a - b)");
  const elements = await page.locator("*").count();
  const of = (name: string) => (measured[name] ?? 0) - (before[name] ?? 0);
  say(`events a second        ${Math.round((seconds * perSecond * 1_000) / tookMs)}`);
  say(`frame p95              ${(frames[Math.floor(frames.length * 0.95)] ?? 0).toFixed(1)} ms`);
  say(`main thread busy       ${((of("TaskDuration") / tookMs) * 100_000).toFixed(1)} %`);
  say(`elements in the page   ${elements}`);
  say(`heap growth            ${(of("JSHeapUsedSize") / 1e6).toFixed(1)} MB`);
  say(`lost or double         ${sent - ((await settle(page, created + sent)) - created)}`);

  for (let kill = 0; kill < kills; kill += 1) {
    await record(service, 500);
    await service.restart();
    await record(service, 500);
    await page.locator(".live.is-live").waitFor({ timeout: 30_000 });
  }
  const missing = sent - ((await settle(page, created + sent)) - created);
  say(`after ${kills} kills`.padEnd(23) + `${missing} lost or double`);
  say(`errors in the page     ${trouble.errors.length}`);
} finally {
  await browser.close();
  await service.close();
  await rm(folder, { recursive: true, force: true });
}
