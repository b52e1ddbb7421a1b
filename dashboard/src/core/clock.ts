import { signal } from "@preact/signals";

/** Now, in whole seconds' steps, ms since 1970: what shows an age reads it here. */
export const now = signal(Date.now());

export function startClock(): () => void {
  const timer = setInterval(() => (now.value = Date.now()), 1_000);
  return () => clearInterval(timer);
}
