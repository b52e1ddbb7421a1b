import { useRef, useState } from "preact/hooks";

import { appendCommands } from "../core/api.ts";
import { goTo, sessionHash } from "../core/route.ts";
import { show, showError } from "../core/toast.ts";
import { commandOf, parseExport } from "./commands-of.ts";

/** Commands of one request; the service takes at most 4 MiB at once. */
const batchBytes = 1_000_000;

/** Takes back what Export gave, as a session of its own. */
export function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);

  async function take(file: File): Promise<void> {
    setBusy(true);
    try {
      const events = parseExport(await file.text());
      const sessionId = `${events[0]?.sessionId ?? "session"}-import-${Date.now().toString(36)}`;
      let batch: unknown[] = [];
      let bytes = 0;
      for (const event of events) {
        const command = commandOf(event);
        if (command === undefined) continue;
        batch.push(command);
        bytes += JSON.stringify(command).length;
        if (bytes < batchBytes) continue;
        await appendCommands(sessionId, batch);
        [batch, bytes] = [[], 0];
      }
      if (batch.length > 0) await appendCommands(sessionId, batch);
      show(`Imported ${events.length} events`);
      goTo(sessionHash(sessionId));
    } catch (error) {
      showError("The file could not be imported", error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <button type="button" disabled={isBusy} onClick={() => input.current?.click()}>
        {isBusy ? "Importing…" : "Import an export"}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label="Exported file"
        accept=".ndjson,.jsonl,application/x-ndjson"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = "";
          if (file) void take(file);
        }}
      />
    </>
  );
}
