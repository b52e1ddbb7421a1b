import { useEffect, useState } from "preact/hooks";

import { now } from "../core/clock.ts";
import { useApp } from "../core/context.ts";
import { show } from "../core/toast.ts";

/** Whether what is seen is what is: live, on the way, or cut off with the time of the next try. */
export function LiveBar() {
  const { live } = useApp();
  const [firstVersion, setFirstVersion] = useState<string | null>(null);
  const version = live.version.value;
  useEffect(() => {
    if (firstVersion === null) setFirstVersion(version);
  }, [version]);
  useEffect(
    () =>
      live.listen({
        reconnected: (lost, missed) => show(`Reconnected, ${missed} caught up, ${lost} lost`),
      }),
    [],
  );
  const status = live.status.value;
  const isOld = firstVersion !== null && version !== null && version !== firstVersion;
  return (
    <div class={`live is-${status.state}`}>
      {isOld && (
        <button type="button" onClick={() => location.reload()}>
          Version {version} is here: reload
        </button>
      )}
      <span role="status" class="live-word">
        {words[status.state]}
      </span>
      {status.state === "lost" && (
        <>
          <span class="number" aria-hidden="true">
            {Math.max(0, Math.ceil((status.retryAt - now.value) / 1_000))} s
          </span>
          <button type="button" onClick={live.connect}>
            Retry
          </button>
        </>
      )}
    </div>
  );
}

const words = {
  connecting: "connecting…",
  catching_up: "catching up…",
  live: "live",
  lost: "reconnecting…",
} as const;
