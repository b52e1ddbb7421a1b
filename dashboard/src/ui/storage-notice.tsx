import { useEffect, useState } from "preact/hooks";

import { getHealth } from "../core/api.ts";
import { membersOf, textOf } from "../core/guards.ts";

const refreshMs = 15_000;

const sentences: Readonly<Record<string, string>> = {
  full: "The volume is full: nothing new is stored until there is room. What is here can be read.",
  read_only:
    "A write to the volume failed: the service is read-only until it is restarted. What is here can be read.",
};

/** Says on every page when agents can record nothing. */
export function StorageNotice() {
  const [condition, setCondition] = useState("");
  useEffect(() => {
    const look = () =>
      getHealth().then(
        ({ all }) => setCondition(textOf(membersOf(all, "storage"), "condition") ?? ""),
        // That it can't be reached is said by the live feed.
        () => setCondition(""),
      );
    void look();
    const timer = setInterval(() => void look(), refreshMs);
    return () => clearInterval(timer);
  }, []);
  const sentence = sentences[condition];
  return (
    <div role="status">{sentence !== undefined && <p class="notice is-wide">{sentence}</p>}</div>
  );
}
