import type { Logger } from "pino";

import { fileAgeMs, listDirectory, removeTree } from "../files/write.ts";
import type { Layout } from "./layout.ts";

export interface Trash {
  close(): void;
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
