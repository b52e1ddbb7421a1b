import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Config } from "../config.ts";
import { createFileLog } from "./log.ts";
import { openRelay, type Relay } from "./relay.ts";

/** The relay as a process: until it is idle, or told to end. @returns its exit code */
export async function relayUntilIdle(config: Config): Promise<number> {
  mkdirSync(config.spoolDirectory, { recursive: true, mode: 0o700 });
  const log = createFileLog(join(config.spoolDirectory, "relay.log"));
  let relay: Relay;
  try {
    relay = await openRelay({ config, log });
  } catch (error) {
    if (!isTaken(error)) throw error;
    // Two hooks have started one each; the other serves both.
    log.info({ port: config.port }, "another relay has the port");
    return 0;
  }
  log.info({ port: relay.port, pid: process.pid, mistakes: config.mistakes }, "relay started");
  const told = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.once(signal, () => resolve(signal));
  });
  const reason = await Promise.race([told, relay.idle.then(() => "idle")]);
  await relay.close();
  log.info({ reason }, "relay ended");
  return 0;
}

const isTaken = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";
