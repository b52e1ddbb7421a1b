import type { SessionId } from "@sessions/contract";
import type { Logger } from "pino";

import type { LogFile } from "../domain/session.ts";
import { listDirectory, makeDirectory, setAside } from "../files/write.ts";
import type { Layout } from "./layout.ts";

export interface DamagedLine {
  readonly sessionId: SessionId;
  readonly file: LogFile;
  /** The byte of the file where the line begins. */
  readonly at: number;
  readonly bytes: Buffer;
}

export interface DamageReport {
  /** Known once per line; a copy of the bytes goes to the quarantine. */
  report(line: DamagedLine): void;
  /** Offsets of a session, both inclusive, that neither its files nor the journal have. */
  reportMissing(sessionId: SessionId, from: number, to: number): void;
  lineCount(): number;
  sessions(): SessionId[];
}

/** What was found damaged in the sessions' files, in this life and in earlier ones. */
export async function openDamageReport(
  layout: Layout,
  log: Pick<Logger, "error">,
): Promise<DamageReport> {
  const known = new Map<string, SessionId>();
  const withGaps = new Set<SessionId>();
  for (const name of await listDirectory(layout.quarantine)) {
    const sessionId = /^session-(.+)-(?:actions|responses|changes|transcripts~.+)-\d+$/.exec(
      name,
    )?.[1];
    if (sessionId !== undefined) known.set(name, sessionId as SessionId);
  }

  return {
    report({ sessionId, file, at, bytes }) {
      const name = `session-${sessionId}-${file.replaceAll("/", "~")}-${at}`;
      if (known.has(name)) return;
      known.set(name, sessionId);
      log.error({ sessionId, file, at, bytes: bytes.length, quarantine: name }, "damaged line");
      // The buffer is a part of a larger one that is read into again.
      const copy = Buffer.from(bytes);
      void makeDirectory(layout.quarantine)
        .then(() => setAside(layout.quarantine, name, copy))
        .catch((error: unknown) => log.error({ err: error, name }, "quarantine can't be written"));
    },
    reportMissing(sessionId, from, to) {
      withGaps.add(sessionId);
      log.error({ sessionId, from, to }, "offsets are missing");
    },
    lineCount: () => known.size,
    sessions: () => [...new Set([...known.values(), ...withGaps])],
  };
}
