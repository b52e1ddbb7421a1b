import { plain, plainLine } from "../core/plain.ts";

/** Characters that are drawn; the tree below has all of them. */
const shownText = 16_384;

export const Block = ({ label, text }: { label: string; text: string }) => (
  <>
    <p class="card-label">{plainLine(label, 80)}</p>
    <pre role="group" tabIndex={0} aria-label={plainLine(label, 80)}>
      {plain(text.slice(0, shownText))}
    </pre>
  </>
);
