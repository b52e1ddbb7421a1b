import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** What lies in a session's folder, read as anybody would who knows nothing of the service. */
export interface Stored {
  /** By the name of the file without its extension, such as `actions`. */
  readonly logs: ReadonlyMap<string, StoredLog>;
  /** Parsed; undefined when there is none. */
  readonly metadata: unknown;
  readonly state: unknown;
  readonly initial: unknown;
  readonly final: unknown;
}

export interface StoredLog {
  readonly lines: readonly StoredLine[];
  /** What is wrong with lines that are not as they were written. */
  readonly damage: readonly string[];
}

export interface StoredLine {
  readonly offset: number;
  readonly seq: number;
  readonly [member: string]: unknown;
}

/** @param volume a copy of the volume, or the volume itself while nobody writes */
export async function readStored(volume: string, sessionId: string): Promise<Stored> {
  const folder = join(volume, "sessions", sessionId);
  const json = async (name: string): Promise<unknown> => {
    const text = await readIfThere(join(folder, name));
    return text === undefined ? undefined : JSON.parse(text);
  };
  const logs = new Map<string, StoredLog>();
  for (const name of await readdir(folder, { recursive: true }))
    if (name.endsWith(extension))
      logs.set(
        name.slice(0, -extension.length),
        readLog(await readFile(join(folder, name), "utf8")),
      );
  return {
    logs,
    metadata: await json("metadata.json"),
    state: await json("state.json"),
    initial: await json("initial.json"),
    final: await json("final.json"),
  };
}

export function listStored(volume: string): Promise<string[]> {
  return readdir(join(volume, "sessions"));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const extension = ".jsonl";
/** `{…,"_c":"<CRC-32 of all bytes before the comma>"}` */
const sealed = /^(.*),"_c":"([0-9a-f]{8})"\}$/s;

function readLog(text: string): StoredLog {
  const lines: StoredLine[] = [];
  const damage: string[] = [];
  if (text !== "" && !text.endsWith("\n")) damage.push("no newline ends the file");
  for (const [index, line] of text.replace(/\n$/, "").split("\n").entries()) {
    if (text === "") break;
    const [, body = "", crc] = sealed.exec(line) ?? [];
    const isWhole = crc !== undefined && Number.parseInt(crc, 16) === crc32(body);
    const value = parse(line);
    if (isWhole && value !== undefined) lines.push(value);
    else damage.push(`line ${index + 1}: ${isWhole ? "no JSON" : "its checksum is wrong"}`);
  }
  return { lines, damage };
}

function parse(line: string): StoredLine | undefined {
  try {
    return JSON.parse(line) as StoredLine;
  } catch {
    return undefined;
  }
}
