import { messageOf } from "../core/toast.ts";

/** Says what went wrong and offers to try again; the page around it stays. */
export const Problem = ({ error, retry }: { error: unknown; retry(): void }) => (
  <div class="message is-problem" role="alert">
    <p>
      <strong>This could not be shown:</strong> {messageOf(error)}
    </p>
    <button type="button" onClick={retry}>
      Try again
    </button>
  </div>
);

export const Skeleton = ({ label }: { label: string }) => (
  <div class="skeleton" role="status" aria-label={label}>
    <span />
    <span />
    <span />
    <span />
  </div>
);
