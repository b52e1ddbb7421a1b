import { signal } from "@preact/signals";

export interface Toast {
  readonly text: string;
  readonly isError: boolean;
  /** What can be done about it, such as an undo. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

export const toast = signal<Toast | null>(null);

const shownMs = 6_000;
const shownWithActionMs = 15_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function show(text: string, action?: Toast["action"]): void {
  set({ text, isError: false, ...(action && { action }) });
}

/** What went wrong, in words; never swallowed. */
export function showError(doing: string, error: unknown): void {
  set({ text: `${doing}: ${messageOf(error)}`, isError: true });
}

export function dismiss(): void {
  clearTimeout(timer);
  toast.value = null;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function set(next: Toast): void {
  clearTimeout(timer);
  toast.value = next;
  const ms = next.action || next.isError ? shownWithActionMs : shownMs;
  timer = setTimeout(() => (toast.value = null), ms);
}
