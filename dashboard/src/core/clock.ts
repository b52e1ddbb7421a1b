import { signal } from "@preact/signals";

/** So far the service's clock is ahead of the browser's, ms. */
let aheadMs = 0;
/** A difference that the way of a message could make is none, ms. */
const toleratedMs = 2_000;

/** Now by the service's clock, in whole seconds' steps, ms since 1970: what shows an age reads it here. */
export const now = signal(Date.now());

/** The same to the millisecond. */
export const serviceNow = (): number => Date.now() + aheadMs;

/** What happened is dated by the service: with the browser's clock wrong, everybody would seem silent. */
export function followServiceClock(serviceMs: number): void {
  const differenceMs = serviceMs - Date.now();
  aheadMs = Math.abs(differenceMs) > toleratedMs ? differenceMs : 0;
  now.value = serviceNow();
}

export function startClock(): () => void {
  const timer = setInterval(() => (now.value = serviceNow()), 1_000);
  return () => clearInterval(timer);
}
