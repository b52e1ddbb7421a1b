import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { readOffsets } from "../contract/journal-contract.ts";
import { bundleChild, startChild } from "./children/child.ts";
import { action, actions } from "./events.ts";
import { createJournalFolder } from "./journal-folder.ts";
import { folderWith, makeImage } from "./journal-image.ts";

const writer = bundleChild("failing-writer");

function whyNoStrace(): string | undefined {
  const trial = spawnSync("strace", ["-f", "-o", "/dev/null", "true"], { encoding: "utf8" });
  if (trial.error !== undefined) return `strace cannot be run: ${trial.error.message}`;
  return trial.status === 0 ? undefined : `strace may not trace here: ${trial.stderr.trim()}`;
}

const reason = whyNoStrace();
if (reason !== undefined) process.stdout.write(`skipping the tests of a failed fsync: ${reason}\n`);

it.skipIf(reason !== undefined)(
  "writes what no watermark covers once more before it counts as durable",
  async () => {
    const image = await makeImage([[action(1)], actions(2, 3)], { closes: false });
    const folder = await folderWith(image);
    const trace = join(folder.root, "trace");
    const child = startChild("strace", [
      "-fyo",
      trace,
      "--trace=pwrite64,fsync",
      process.execPath,
      writer,
      folder.root,
      "0",
    ]);
    await child.closed;

    const bytes = image.get("0000000000000001.log") ?? Buffer.alloc(0);
    const unsyncedAt = bytes.indexOf("\n") + 1;
    const calls = (await readFile(trace, "utf8")).split("\n");
    const written = calls.findIndex(
      (call) =>
        call.includes("pwrite64(") &&
        call.includes(folder.segment(1)) &&
        call.includes(`${bytes.length - unsyncedAt}, ${unsyncedAt}`),
    );
    const synced = calls.findIndex(
      (call, index) =>
        index > written && call.includes("fsync(") && call.includes(folder.segment(1)),
    );
    expect(written).toBeGreaterThanOrEqual(0);
    expect(synced).toBeGreaterThan(written);
  },
);

it.skipIf(reason !== undefined).each([
  ["EIO", "although the next one would succeed"],
  ["ENOSPC", "although the write had room"],
])("never writes again after the first fdatasync that fails with %s, %s", async (code) => {
  const root = await mkdtemp(join(tmpdir(), "journal-fsync-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  // Counts are per thread, so there is one; the third append meets the fault.
  const inject = `inject=fdatasync:error=${code}:when=3`;
  const child = startChild(
    "strace",
    ["-f", "-o", "/dev/null", "-e", inject, process.execPath, writer, root, "5"],
    { UV_THREADPOOL_SIZE: "1" },
  );
  const outcomes: Record<string, unknown>[] = [];
  for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next())
    outcomes.push(JSON.parse(line.value) as Record<string, unknown>);
  await child.closed;

  const refused = { outcome: "storage_read_only", condition: "read_only", position: 2 };
  expect(outcomes).toMatchObject([
    { outcome: "ok", condition: "ok", position: 1, failures: 0 },
    { outcome: "ok", condition: "ok", position: 2, failures: 0 },
    { ...refused, failures: 1 },
    { ...refused, failures: 1 },
    { ...refused, failures: 1 },
  ]);
  const sizes = outcomes.map(({ size }) => size);
  expect(sizes.slice(3)).toEqual([sizes[2], sizes[2]]);

  const folder = await createJournalFolder(root);
  const journal = await folder.open();
  const { position } = journal.status();
  expect([2, 3]).toContain(position);
  expect(await journal.append([action(position + 1)])).toBe(position + 1);
  expect(await readOffsets(journal)).toHaveLength(position + 1);
});
