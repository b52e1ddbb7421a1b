import { type ShownStatus, statusWords } from "../core/status.ts";
import { StatusIcon } from "./icon.tsx";

/** Always the shape, the colour and the word. */
export const StatusBadge = ({ status }: { status: ShownStatus }) => (
  <span class={`status is-${status}`}>
    <StatusIcon status={status} />
    {statusWords[status]}
  </span>
);
