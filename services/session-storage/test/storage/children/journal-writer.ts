import { writeSync } from "node:fs";
import { join } from "node:path";

import { openFileJournal } from "../../../src/journal/file/file-journal.ts";
import { action } from "../events.ts";

/** Writers that append one after another, each id printed once it is acknowledged, until the process is killed. */
const [, , root = "", run = ""] = process.argv;
const writers = 16;
const log = { info() {}, warn() {}, error() {} };
const journal = await openFileJournal({
  directory: join(root, "journal"),
  quarantine: join(root, "quarantine"),
  durability: "fsync",
  segmentBytes: 100_000,
  retainBytes: 0,
  ballastPath: join(root, "ballast"),
  ballastBytes: 4096,
  idleWatermarkMs: 1,
  log,
});

async function write(writer: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    // Some appends have several events; the last one's id stands for all.
    const ids = Array.from({ length: 1 + (count % 3) }, (_, i) => `${run}.${writer}.${count}.${i}`);
    await journal.append(ids.map((id, index) => action(index + 1, "x".repeat(count % 200), id)));
    writeSync(1, `${ids.at(-1)}\n`);
  }
}

await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
