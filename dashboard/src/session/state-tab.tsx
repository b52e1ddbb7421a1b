import type { SessionDetail } from "../core/api.ts";
import { numberOf } from "../core/guards.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { JsonTree } from "../ui/json-tree.tsx";

export interface StateTabProps {
  detail: SessionDetail;
  changed: ReadonlySet<string>;
}

export function StateTab({ detail: { state, initial, final }, changed }: StateTabProps) {
  return (
    <section class="pane" aria-label="State">
      <h2>
        State <span class="quiet">version {numberOf(state, "version") ?? "–"}</span>{" "}
        <CopyButton text={JSON.stringify(state, undefined, 2)} what="the state as JSON" />
      </h2>
      <JsonTree value={state} changed={changed} />
      {initial !== null && (
        <>
          <h2>Created with</h2>
          <JsonTree value={initial} />
        </>
      )}
      {final !== null && (
        <>
          <h2>Ended with</h2>
          <JsonTree value={final} />
        </>
      )}
    </section>
  );
}
