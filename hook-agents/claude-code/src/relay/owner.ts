import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** As whom this spool's relays, one after another, and `restore` hold a session's lease. */
export interface Owner {
  readonly name: string;
  /** Also as another host: a spool that was kept is one writer, in whichever container it stands. */
  isSelf(name: string | undefined): boolean;
}

export function openOwner(spoolDirectory: string): Owner {
  const id = readOrMake(join(spoolDirectory, "owner"));
  return {
    name: `${hostname()}:${id}`,
    isSelf: (name) => name?.endsWith(`:${id}`) ?? false,
  };
}

function readOrMake(path: string): string {
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const made = randomBytes(6).toString("hex");
  try {
    // Of two that make it at a time one does, and both read that.
    writeFileSync(path, made, { flag: "wx", mode: 0o600 });
    return made;
  } catch {
    return readFileSync(path, "utf8").trim() || made;
  }
}
