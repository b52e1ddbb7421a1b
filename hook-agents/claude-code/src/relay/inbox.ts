import { randomBytes } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";

import type { Log } from "./log.ts";

/** One hook as it came: its bytes, and what the CLI doesn't tell. */
export interface Arrival {
  /** Of the relay's process that took it. */
  readonly boot: string;
  /** 1, 2, 3 … within the boot. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** Of the Claude process, when the command hook told it. */
  readonly pid?: number;
  readonly body: Buffer;
}

/** The disk queue of hooks: an arrival is on disk when `add` returns, and until `done`. */
export interface Inbox {
  readonly boot: string;
  /** What earlier relays left, oldest first. */
  readonly left: readonly Arrival[];
  /** Never throws: a full disk must not keep the hook from being recorded now. */
  add(body: Buffer, pid?: number): Arrival;
  /** Its records are in the spool. */
  done(arrival: Arrival): void;
  /** Arrivals not done, and their bytes. */
  waiting(): { arrivals: number; bytes: number };
  close(): void;
}

/** Bytes of a file that is emptied once all of it is done. */
const keptBytes = 1_048_576;
const extension = ".inbox";

/** @param folder one relay's own */
export function openInbox(folder: string, log: Log): Inbox {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const left: Arrival[] = [];
  const undone = new Map<string, number>();
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .toSorted()) {
    const arrivals = readArrivals(readFileSync(join(folder, name)));
    left.push(...arrivals);
    if (arrivals.length === 0) unlinkSync(join(folder, name));
    else undone.set(name, arrivals.length);
  }
  const fileOf = new Map(
    [...undone.keys()].map((name) => [name.slice(name.indexOf("-") + 1, -extension.length), name]),
  );

  const { name, boot } = newInboxName();
  const file = openSync(join(folder, name), "ax", 0o600);
  let seq = 0;
  let size = 0;
  let open = true;
  const waiting = {
    arrivals: left.length,
    bytes: left.reduce((sum, { body }) => sum + body.length, 0),
  };

  function settleOwn(): void {
    if (size <= keptBytes || !open) return;
    ftruncateSync(file);
    size = 0;
  }

  return {
    boot,
    left,
    add(body, pid) {
      seq += 1;
      const about = { boot, seq, at: new Date().toISOString(), ...(pid !== undefined && { pid }) };
      const arrival = { ...about, body };
      undone.set(name, (undone.get(name) ?? 0) + 1);
      waiting.arrivals += 1;
      waiting.bytes += body.length;
      const frame = frameOf(arrival);
      const length = frame.reduce((sum, part) => sum + part.length, 0);
      try {
        if (writevSync(file, frame) < length) throw new Error("short write");
        size += length;
      } catch (error) {
        log.warn({ error }, "a hook is only in memory, the inbox can't be written");
        ftruncateSync(file, size);
      }
      return arrival;
    },
    done(arrival) {
      const source = arrival.boot === boot ? name : fileOf.get(arrival.boot);
      waiting.arrivals -= 1;
      waiting.bytes -= arrival.body.length;
      if (source === undefined) return;
      const rest = (undone.get(source) ?? 1) - 1;
      undone.set(source, rest);
      if (rest > 0) return;
      if (source === name) settleOwn();
      else unlinkSync(join(folder, source));
    },
    waiting: () => ({ ...waiting }),
    close() {
      if (!open) return;
      open = false;
      closeSync(file);
      if ((undone.get(name) ?? 0) === 0) unlinkSync(join(folder, name));
    },
  };
}

/** Names sort by time; the boot id makes record ids unique. */
export function newInboxName(): { name: string; boot: string } {
  const boot = randomBytes(6).toString("hex");
  const microseconds = Math.round((performance.timeOrigin + performance.now()) * 1_000);
  return { name: `${microseconds.toString(36).padStart(11, "0")}-${boot}${extension}`, boot };
}

/** A line of JSON, then the body as it came: a hook of 12 MB is not parsed before it is answered. */
export function frameOf({ body, ...about }: Arrival): Buffer[] {
  const head = JSON.stringify({ ...about, bytes: body.length });
  return [Buffer.from(`${head}\n`), body, Buffer.from("\n")];
}

/** A frame cut by the end of its writer was never answered. */
function readArrivals(text: Buffer): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let start = 0; ;) {
    const headEnd = text.indexOf(10, start);
    if (headEnd < 0) return arrivals;
    const { bytes, ...about } = JSON.parse(text.toString("utf8", start, headEnd)) as Omit<
      Arrival,
      "body"
    > & { bytes: number };
    const end = headEnd + 1 + bytes;
    if (text[end] !== 10) return arrivals;
    arrivals.push({ ...about, body: text.subarray(headEnd + 1, end) });
    start = end + 1;
  }
}
