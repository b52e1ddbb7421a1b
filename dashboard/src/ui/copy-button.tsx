import { show, showError } from "../core/toast.ts";
import { Icon } from "./icon.tsx";

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    show(`Copied ${what}`);
  } catch (error) {
    showError(`${what} could not be copied`, error);
  }
}

export function CopyButton({ text, what, label }: { text: string; what: string; label?: string }) {
  return (
    <button
      type="button"
      class={label === undefined ? "is-icon" : ""}
      title={`Copy ${what}`}
      aria-label={`Copy ${what}`}
      onClick={() => void copy(text, what)}
    >
      <Icon glyph="copy" />
      {label}
    </button>
  );
}
