import { signal } from "@preact/signals";

export const themes = ["dark", "light", "system"] as const;
export type Theme = (typeof themes)[number];

const isTheme = (text: string | undefined): text is Theme => themes.some((theme) => theme === text);
const chosen = document.documentElement.dataset["theme"];

export const theme = signal<Theme>(isTheme(chosen) ? chosen : "dark");

export function setTheme(next: Theme): void {
  theme.value = next;
  localStorage.setItem("theme", next);
  document.documentElement.dataset["theme"] = next;
}
