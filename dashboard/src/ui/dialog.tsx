import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "./icon.tsx";

export interface DialogProps {
  title: string;
  close(): void;
  children: ComponentChildren;
}

/** Modal; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="is-icon" aria-label="Close" onClick={close}>
          <Icon glyph="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
