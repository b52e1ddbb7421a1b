import type { SessionId } from "@sessions/contract";
import type { Logger } from "pino";

import { whenMissing } from "../files/errno.ts";
import {
  fileAgeMs,
  listDirectory,
  makeDirectory,
  moveDurably,
  removeTree,
} from "../files/write.ts";
import type { Layout } from "./layout.ts";

/** Before the grace period ends: what is being brought back must not be purged meanwhile. */
const marginMs = 10_000;

export interface Trash {
  /** The last deletion of a session that is kept for long enough to be brought back. */
  find(sessionId: SessionId): Promise<{ name: string; deletedAt: number } | undefined>;
  close(): void;
}

/** The folder of a session that is brought back; nothing to do when an interrupted start did it. */
export async function moveFromTrash(
  layout: Layout,
  sessionId: SessionId,
  position: number,
): Promise<void> {
  const source = layout.trashed(sessionId, position);
  await moveDurably(source, layout.session(sessionId).directory).catch(whenMissing(undefined));
}

/** A deleted session's folder; one that an interrupted start left there already gives way. */
export async function moveToTrash(
  layout: Layout,
  sessionId: SessionId,
  position: number,
): Promise<void> {
  const target = layout.trashed(sessionId, position);
  await makeDirectory(layout.trash);
  await removeTree(target);
  await moveDurably(layout.session(sessionId).directory, target);
}

/** Removes what was deleted longer ago than the grace period; looks every hour, and at the start. */
export function openTrash(
  layout: Layout,
  graceMs: number,
  log: Pick<Logger, "info" | "warn">,
): Trash {
  async function purge(): Promise<void> {
    for (const name of await listDirectory(layout.trash)) {
      const path = layout.inTrash(name);
      if ((await fileAgeMs(path)) < graceMs) continue;
      await removeTree(path);
      log.info({ name }, "removed from the trash");
    }
  }
  const run = () => void purge().catch((err: unknown) => log.warn({ err }, "trash not purged"));
  run();
  const timer = setInterval(run, 3_600_000).unref();
  return {
    async find(sessionId) {
      const positions = (await listDirectory(layout.trash))
        .filter((name) => name.startsWith(`${sessionId}@`))
        .map((name) => Number(name.slice(sessionId.length + 1)));
      const deletedAt = Math.max(0, ...positions);
      const name = `${sessionId}@${deletedAt}`;
      const isKept = (await fileAgeMs(layout.inTrash(name))) < graceMs - marginMs;
      return deletedAt > 0 && isKept ? { name, deletedAt } : undefined;
    },
    close: () => clearInterval(timer),
  };
}
