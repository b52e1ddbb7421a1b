import { pino } from "pino";

import { type Config, ConfigError, readConfig } from "./ops/config.ts";
import { openService } from "./service.ts";
import { version } from "./version.ts";

/** Past the drain's own limit something hangs: better to end than to be killed without a word. */
const graceMs = 2_000;

const config = readOrExit();
const log = pino({ level: config.logLevel });

try {
  const service = await openService(config, version, log);
  log.info(
    {
      url: service.url,
      storage: config.storagePath,
      durability: config.durability,
      auth: config.isAuthOn ? "on" : "off",
    },
    "listening",
  );
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "draining");
      setTimeout(() => {
        log.error("drain timed out");
        process.exit(1);
      }, config.shutdownTimeoutMs + graceMs).unref();
      service.close().then(
        () => {
          log.info("closed");
          process.exit(0);
        },
        (error: unknown) => {
          log.error({ err: error }, "drain failed");
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : "start failed");
  process.exit(1);
}

function readOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.mistakes.join("\n")}\n`);
    process.exit(2);
  }
}
