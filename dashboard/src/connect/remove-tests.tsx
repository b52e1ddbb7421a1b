import { useState } from "preact/hooks";

import { deleteSession } from "../core/api.ts";
import { useApp } from "../core/context.ts";
import { show, showError } from "../core/toast.ts";
import { bringBack } from "../session/bring-back.ts";
import { testLabelName } from "./test-session.ts";

/** One click takes away what was only made to try things out. */
export function RemoveTests() {
  const { fleet } = useApp();
  const [isBusy, setBusy] = useState(false);
  const marked = [...fleet.sessions.value.values()].filter(
    ({ labels }) => labels[testLabelName] !== undefined,
  );
  if (marked.length === 0) return null;

  async function remove(): Promise<void> {
    setBusy(true);
    try {
      for (const { sessionId } of marked) await deleteSession(sessionId);
      const ids = marked.map(({ sessionId }) => sessionId);
      show(`Deleted ${marked.length} test ${marked.length === 1 ? "session" : "sessions"}`, {
        label: "Undo",
        run: () => void bringBack(ids),
      });
    } catch (error) {
      showError("The test sessions could not all be deleted", error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <button type="button" class="is-danger" disabled={isBusy} onClick={() => void remove()}>
      Delete {marked.length} test {marked.length === 1 ? "session" : "sessions"}
    </button>
  );
}
