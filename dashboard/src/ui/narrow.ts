import { signal } from "@preact/signals";

const query = globalThis.matchMedia?.("(max-width: 720px)");

/** A phone, or a narrow window: rows take two lines and panels the whole width. */
export const isNarrow = signal(query?.matches ?? false);
query?.addEventListener("change", ({ matches }) => (isNarrow.value = matches));

export const rowPx = (): number => (isNarrow.value ? 56 : 32);
