import { signal } from "@preact/signals";

const storageName = "sessions-key";

/** The API key that the page sends; kept as long as the tab lives. */
export const apiKey = signal<string | null>(sessionStorage.getItem(storageName));
/** The service asked for a key, or refused the one it got. */
export const isKeyWanted = signal(false);
export const isKeyRefused = signal(false);

export function useKey(key: string): void {
  sessionStorage.setItem(storageName, key);
  apiKey.value = key;
  isKeyWanted.value = false;
  isKeyRefused.value = false;
}

export function wantKey(): void {
  if (apiKey.value !== null) isKeyRefused.value = true;
  sessionStorage.removeItem(storageName);
  apiKey.value = null;
  isKeyWanted.value = true;
}
