import { statSync } from "node:fs";
import { join } from "node:path";

import { openFileJournal } from "../../../src/journal/file/file-journal.ts";
import { action } from "../events.ts";

/** Appends one after another and prints what became of each; a fault that is injected from outside hits one of them. */
const [, , root = "", appends = "0"] = process.argv;
const log = { info() {}, warn() {}, error() {} };
const journal = await openFileJournal({
  directory: join(root, "journal"),
  quarantine: join(root, "quarantine"),
  durability: "fsync",
  retainBytes: 0,
  ballastPath: join(root, "ballast"),
  ballastBytes: 4096,
  idleWatermarkMs: 60_000,
  log,
});
let failures = 0;
journal.subscribe({
  applied() {},
  failed() {
    failures += 1;
  },
});

for (let offset = 1; offset <= Number(appends); offset += 1) {
  const outcome = await journal.append([action(offset)]).then(
    () => "ok",
    (error: { code: string }) => error.code,
  );
  const { condition, position } = journal.status();
  const { size } = statSync(join(root, "journal", "0000000000000001.log"));
  process.stdout.write(`${JSON.stringify({ outcome, condition, position, size, failures })}\n`);
}
await journal.close();
