import { appendFileSync, statSync, truncateSync } from "node:fs";

/** Takes an object and a constant message, as pino does. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

const maxBytes = 4_194_304;

/** Lines of JSON in a file: nobody reads the relay's stdout, and the CLI must not. */
export function createFileLog(path: string): Log {
  const write = (level: string, details: object, msg: string) => {
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) truncateSync(path);
      const line = { time: new Date().toISOString(), level, msg, ...details };
      appendFileSync(path, `${JSON.stringify(line, errorsAsText)}\n`, { mode: 0o600 });
    } catch {
      // A log that can't be written is no reason to stop recording; doctor shows the counts.
    }
  };
  return {
    info: (details, message) => write("info", details, message),
    warn: (details, message) => write("warn", details, message),
  };
}

const errorsAsText = (_key: string, value: unknown) =>
  value instanceof Error ? (value.stack ?? String(value)) : value;
