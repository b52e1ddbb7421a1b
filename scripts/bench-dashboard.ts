/**
 * Measures what the READMEs say about the page, in Chromium with the real service, in one run.
 *
 *   npx tsx scripts/bench-dashboard.ts [--seconds 60] [--kills 20] [--only feed,kills,fleet]
 *
 * feed:  100,000 rows, then 1,000 events a second.
 * kills: the service killed and started again, over and over, while they come; lost or double by two counts.
 * fleet: the time until 10,000 sessions are listed.
 */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import {
  type OpenPage,
  hasChromium,
  launchChromium,
  openPage,
} from "../dashboard/test/support/chromium.ts";
import { receivedOf, settledOf } from "../dashboard/test/support/received.ts";
import { type Service, buildDashboard, startService } from "../dashboard/test/support/service.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    kills: { type: "string", default: "20" },
    only: { type: "string", default: "feed,kills,fleet" },
  },
});
const seconds = Number(values.seconds);
const rowsBefore = 100_000;
const perSecond = 1_000;
const batchesPerSecond = 20;
const workers = 50;
const sessions = 10_000;

type Page = OpenPage["page"];
const say = (name: string, value: string) => process.stdout.write(`${name.padEnd(24)}${value}\n`);
let sent = 0;

/** What a fleet of workers records: mostly tool calls. Repeated until it is acknowledged, as hook agents do. */
async function record(service: Service, count: number): Promise<void> {
  const commands = Array.from({ length: count }, () => {
    sent += 1;
    const input = { command: `npm test -- --shard ${sent}`, description: `Run part ${sent}` };
    const details = { tool: "Bash", tool_use_id: `t${sent}`, outcome: "succeeded", input };
    const data = { type: "tool_use", details: { ...details, durationMs: 840 } };
    return { type: "action", id: `t${sent}`, data };
  });
  const path = `/api/sessions/worker-${sent % workers}/events`;
  for (;;) {
    const isStored = await service.post(path, commands).then(
      () => true,
      (error: unknown) => {
        // Only what never reached the service, or came back from none.
        if (error instanceof TypeError) return false;
        throw error;
      },
    );
    if (isStored) return;
    await sleep(50);
  }
}

/** 1,000 events a second until told to stop; what was held up is sent as fast as it goes. */
async function stream(service: Service, isOver: (elapsedMs: number) => boolean): Promise<number> {
  const began = Date.now();
  for (let tick = 1; !isOver(Date.now() - began); tick += 1) {
    await record(service, perSecond / batchesPerSecond);
    await sleep(Math.max(0, began + (tick * 1_000) / batchesPerSecond - Date.now()));
  }
  return Date.now() - began;
}

/** By two counts: what was sent, and the holes that the page saw in the sessions' offsets. */
async function account(page: Page, name: string, before: number): Promise<void> {
  const { events, lost: holes } = await settledOf(page, before + sent);
  const lost = Math.max(holes, before + sent - events);
  const double = Math.max(0, events - before - sent);
  say(name, `${sent} sent, ${lost} lost, ${double} double`);
  if (lost !== 0 || double !== 0) process.exitCode = 1;
}

async function openFeed(service: Service): Promise<OpenPage & { before: number }> {
  for (let worker = 0; worker < workers; worker += 1)
    await service.post("/api/sessions", { sessionId: `worker-${worker}` });
  const opened = await openPage(browser, service.url);
  await opened.page.goto(`${service.url}/#/feed`);
  await opened.page.getByText("live", { exact: true }).waitFor();
  await settledOf(opened.page, workers);
  return { ...opened, before: (await receivedOf(opened.page)).events };
}

async function measureFeed(service: Service, { page, before }: { page: Page; before: number }) {
  const cdp = await page.context().newCDPSession(page);
  // Processor time: on a shared machine a task also lasts while others have the processor.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    const { metrics } = await cdp.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  while (sent < rowsBefore) await record(service, 2_000);
  await account(page, "rows before", before);
  await page.evaluate(`
    globalThis.frames_ = [];
    { let last = performance.now();
      const frame = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(frame); };
      requestAnimationFrame(frame); }`);
  const at = await read();
  const sentBefore = sent;
  const tookMs = await stream(service, (elapsedMs) => elapsedMs >= seconds * 1_000);
  const then = await read();
  const frames = await page.evaluate<number[]>("frames_.sort((a, b) => a - b)");
  const grown = (name: string) => (then.get(name) ?? 0) - (at.get(name) ?? 0);
  const p95 = frames[Math.floor(frames.length * 0.95)] ?? NaN;
  say("events a second", String(Math.round(((sent - sentBefore) * 1_000) / tookMs)));
  say("frame p95", `${p95.toFixed(1)} ms`);
  say("main thread busy", `${((grown("TaskDuration") / tookMs) * 100_000).toFixed(1)} %`);
  say("elements in the page", String(await page.locator("*").count()));
  say("heap with these rows", `${((at.get("JSHeapUsedSize") ?? 0) / 1e6).toFixed(1)} MB`);
  say("heap growth", `${(grown("JSHeapUsedSize") / 1e6).toFixed(1)} MB`);
  await account(page, "after the stream", before);
}

async function measureKills(service: Service, { page, before }: { page: Page; before: number }) {
  const kills = Number(values.kills);
  let isOver = false;
  const streaming = stream(service, () => isOver);
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(1_000);
      await service.restart();
      await page.locator(".live.is-live").waitFor({ timeout: 30_000 });
    }
  } finally {
    isOver = true;
    await streaming;
  }
  await account(page, `after ${kills} kills`, before);
}

async function measureFleet(service: Service): Promise<void> {
  const creating = Array.from({ length: workers }, async (_, worker) => {
    for (let index = worker; index < sessions; index += workers)
      await service.post("/api/sessions", { sessionId: `listed-${index}`, name: `Task ${index}` });
  });
  await Promise.all(creating);
  const { page } = await openPage(browser, service.url);
  const began = Date.now();
  await page.goto(`${service.url}/#/fleet`);
  await page.locator(".session-row a").first().waitFor();
  const firstMs = Date.now() - began;
  await page.getByText(`${sessions} sessions`, { exact: true }).waitFor({ timeout: 60_000 });
  say(`${sessions} sessions`, `first row ${firstMs} ms, all ${Date.now() - began} ms`);
  say("elements in the page", String(await page.locator("*").count()));
}

if (!hasChromium) process.exit(1);
const parts = values.only.split(",");
const folder = await buildDashboard();
const browser = await launchChromium();
const services: Service[] = [];
try {
  if (parts.includes("feed") || parts.includes("kills")) {
    const service = await startService(folder);
    services.push(service);
    const opened = await openFeed(service);
    if (parts.includes("feed")) await measureFeed(service, opened);
    if (parts.includes("kills")) await measureKills(service, opened);
    say("errors in the page", String(opened.trouble.errors.length));
  }
  if (parts.includes("fleet")) {
    const service = await startService(folder);
    services.push(service);
    await measureFleet(service);
  }
} finally {
  await browser.close();
  await Promise.all(services.map((service) => service.close()));
  await rm(folder, { recursive: true, force: true });
}
