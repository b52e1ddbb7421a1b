import type { SessionEvent } from "../domain/event.ts";
import type { Session } from "../domain/session.ts";
import { removeTree, replaceFile } from "../files/write.ts";
import type { SessionPaths } from "./layout.ts";

/** `metadata.json` and `state.json`, each with the offset it was made at; not fsynced. */
export async function writeSnapshots(paths: SessionPaths, session: Session): Promise<void> {
  const { metadata, seqs, transcripts, state, stateOffset: asOfOffset } = session;
  await replaceFile(paths.state, pretty({ ...state, asOfOffset }), { sync: false });
  await replaceFile(paths.metadata, pretty({ ...metadata, seqs, transcripts }), { sync: false });
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What an event means for `initial.json` and `final.json`: JSON text to write, null to remove the file. */
export function sideFilesOf(event: SessionEvent): { initial?: string; final?: string | null } {
  switch (event.type) {
    case "session_created": {
      const { initial = null } = event.data;
      return { initial: JSON.stringify(initial) };
    }
    case "session_finalized":
      return { final: event.json };
    case "metadata_updated":
      return event.data.reason === "reopened" ? { final: null } : {};
    default:
      return {};
  }
}

export async function writeSideFile(path: string, text: string | null): Promise<void> {
  if (text === null) await removeTree(path);
  else await replaceFile(path, `${text}\n`, { sync: false });
}
