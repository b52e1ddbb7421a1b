import { useState } from "preact/hooks";

import { quote, resumeLines } from "../connect/snippets.ts";
import { type SessionDetail, deleteSession, exportSession, finalizeSession } from "../core/api.ts";
import { membersOf, textOf } from "../core/guards.ts";
import { apiKey } from "../core/key.ts";
import { goTo } from "../core/route.ts";
import { show, showError } from "../core/toast.ts";
import { copy } from "../ui/copy-button.tsx";
import { download } from "../ui/download.ts";
import { bringBack } from "./bring-back.ts";

export function SessionActions({ detail }: { detail: SessionDetail }) {
  const { session, state } = detail;
  const { sessionId } = session;
  const [isBusy, setBusy] = useState(false);
  const claudeSession =
    textOf(membersOf(state, "claude"), "sessionId") ?? session.labels["claudeSession"];
  const authorization = apiKey.value === null ? "" : `-H "authorization: Bearer $KEY" `;
  const address = new URL(`/api/sessions/${encodeURIComponent(sessionId)}`, location.href).href;

  async function run(doing: string, act: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      showError(doing, error);
    } finally {
      setBusy(false);
    }
  }

  const remove = () =>
    run("It could not be deleted", async () => {
      await deleteSession(sessionId);
      goTo("#/fleet");
      show(`Deleted ${sessionId}`, { label: "Undo", run: () => void bringBack([sessionId]) });
    });

  return (
    <div class="actions">
      <button type="button" onClick={() => void copy(location.href, "the link")}>
        Copy link
      </button>
      <button
        type="button"
        onClick={() => void copy(`curl ${authorization}${quote(address)}`, "curl")}
      >
        Copy curl
      </button>
      {claudeSession !== undefined && (
        <button
          type="button"
          onClick={() =>
            void copy(
              resumeLines(location.origin, apiKey.value !== null, {
                sessionId,
                claudeSession,
                workingDirectory: session.workingDirectory,
              }),
              "the resume command",
            )
          }
        >
          Copy resume
        </button>
      )}
      <button
        type="button"
        disabled={isBusy}
        onClick={() =>
          void run("It could not be exported", async () =>
            download(`${sessionId}.ndjson`, await exportSession(sessionId)),
          )
        }
      >
        Export
      </button>
      {session.status === "active" && (
        <button
          type="button"
          disabled={isBusy}
          onClick={() =>
            void run("It could not be finalized", async () => {
              await finalizeSession(sessionId);
              show(`Finalized ${sessionId}`);
            })
          }
        >
          Finalize
        </button>
      )}
      <button type="button" class="is-danger" disabled={isBusy} onClick={() => void remove()}>
        Delete
      </button>
    </div>
  );
}
