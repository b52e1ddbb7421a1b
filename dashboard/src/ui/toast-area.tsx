import { dismiss, toast } from "../core/toast.ts";
import { Icon } from "./icon.tsx";

export function ToastArea() {
  const shown = toast.value;
  return (
    <div class="toasts" role="status">
      {shown !== null && (
        <div class={`toast${shown.isError ? " is-problem" : ""}`}>
          <span>{shown.text}</span>
          {shown.action && (
            <button
              type="button"
              onClick={() => {
                shown.action?.run();
                dismiss();
              }}
            >
              {shown.action.label}
            </button>
          )}
          <button type="button" class="is-icon" aria-label="Dismiss" onClick={dismiss}>
            <Icon glyph="close" />
          </button>
        </div>
      )}
    </div>
  );
}
