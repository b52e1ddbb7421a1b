import { setTimeout as sleep } from "node:timers/promises";

import type { Page } from "playwright-core";

export interface Received {
  /** Different events: one that comes twice counts once. */
  readonly events: number;
  /** Offsets of sessions that the page has not seen between two others. */
  readonly lost: number;
}

/** As the page's feed counts them. */
export async function receivedOf(page: Page): Promise<Received> {
  const text = (await page.locator(".follow .quiet").textContent()) ?? "";
  const [events = NaN, lost = NaN] = text.replaceAll(",", "").match(/\d+/g)?.map(Number) ?? [];
  return { events, lost };
}

/** The same, once so many are there, or when they have not come for half a minute. */
export async function settledOf(page: Page, events: number): Promise<Received> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const received = await receivedOf(page);
    if (received.events >= events || Date.now() > deadline) return received;
    await sleep(200);
  }
}
