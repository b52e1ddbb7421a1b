import { Dialog } from "./dialog.tsx";

const keys = [
  ["/", "search"],
  ["j k", "next, previous row"],
  ["Enter", "open the session"],
  ["1 … 7", "tabs of a session"],
  ["e", "open the event"],
  ["p", "pause or resume the feed"],
  ["Esc", "close what is open"],
  ["g f", "fleet"],
  ["g e", "feed of all events"],
  ["g c", "connect"],
  ["g s", "system"],
  ["?", "this list"],
] as const;

export const Help = ({ close }: { close(): void }) => (
  <Dialog title="Keys" close={close}>
    <dl class="keys">
      {keys.map(([key, meaning]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
