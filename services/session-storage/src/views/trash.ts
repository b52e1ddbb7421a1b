import type { SessionId } from "@sessions/contract";
import type { Logger } from "pino";

import {
  fileAgeMs,
  listDirectory,
  makeDirectory,
  moveDurably,
  removeTree,
} from "../files/write.ts";
import type { Layout } from "./layout.ts";

export interface Trash {
  close(): void;
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
  return { close: () => clearInterval(timer) };
}
