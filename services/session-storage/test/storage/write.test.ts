import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { aroundEach, describe, expect, it, onTestFinished } from "vitest";

import { createBallast } from "../../src/files/ballast.ts";
import { whileNobodyWaits } from "../../src/files/calls.ts";
import { fileSize, listDirectory, readBytes, readTextIfExists } from "../../src/files/read.ts";
import {
  appendBytes,
  makeDirectory,
  moveDurably,
  removeTree,
  replaceFile,
  setAside,
  syncFile,
  truncateFile,
} from "../../src/files/write.ts";
import { createSmallDisk, whyNoSmallDisk } from "./small-disk.ts";

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "write-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const reason = whyNoSmallDisk();
if (reason !== undefined) process.stdout.write(`skipping the writes to a full disk: ${reason}\n`);

describe.each([
  ["threads", (task: () => Promise<void>) => task()],
  ["blocking calls", whileNobodyWaits],
])("by %s", (_name, run) => {
  aroundEach((test) => run(test));

  it.each([true, false])("replaces a file and leaves no other behind, sync %s", async (sync) => {
    const folder = await makeFolder();
    const path = join(folder, "a.json");
    await replaceFile(path, "old", { sync });
    await replaceFile(path, ["né", "w", "x".repeat(600_000)], { sync });

    expect(await readTextIfExists(path)).toBe(`néw${"x".repeat(600_000)}`);
    expect(await listDirectory(folder)).toEqual(["a.json"]);
  });

  it("leaves the old content when the new one cannot be made", async () => {
    const folder = await makeFolder();
    const path = join(folder, "a.json");
    await writeFile(path, "old");
    function* failing() {
      yield "new";
      throw new Error("no more");
    }

    await expect(replaceFile(path, failing(), { sync: false })).rejects.toThrow("no more");
    expect(await readTextIfExists(path)).toBe("old");
    expect(await listDirectory(folder)).toEqual(["a.json"]);
  });

  it("appends and tells the size", async () => {
    const path = join(await makeFolder(), "a.jsonl");

    expect(await appendBytes(path, Buffer.from("one\n"))).toEqual({ size: 4 });
    expect(await appendBytes(path, Buffer.from("two\n"))).toEqual({ size: 8 });
    await truncateFile(path, 6);
    await syncFile(path);
    expect(await readTextIfExists(path)).toBe("one\ntw");
    expect((await readBytes(path, 2, 5)).toString()).toBe("e\nt");
  });

  it("finds nothing where nothing is", async () => {
    const folder = await makeFolder();

    expect(await readTextIfExists(join(folder, "no"))).toBeUndefined();
    expect(await listDirectory(join(folder, "no"))).toEqual([]);
    expect(await fileSize(join(folder, "no"))).toBe(0);
    await removeTree(join(folder, "no", "no"));
  });

  it("passes on what is wrong besides a missing file", async () => {
    const folder = await makeFolder();

    await expect(readTextIfExists(folder)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(appendBytes(join(folder, "no", "a"), Buffer.from("x"))).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  it("makes, moves and removes folders", async () => {
    const folder = await makeFolder();
    await makeDirectory(join(folder, "a", "b", "c"));
    await makeDirectory(join(folder, "a", "b", "c"));
    await makeDirectory(join(folder, "trash"));
    await moveDurably(join(folder, "a", "b"), join(folder, "trash", "b"));

    expect(await readdir(join(folder, "a"))).toEqual([]);
    expect(await readdir(join(folder, "trash", "b"))).toEqual(["c"]);
    await removeTree(join(folder, "trash"));
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("sets bytes aside without losing what stands under that name", async () => {
    const folder = await makeFolder();
    await setAside(folder, "x-1", Buffer.from([1, 0, 255]));
    await setAside(folder, "x-1", Buffer.from([2]));

    expect([...(await readFile(join(folder, "x-1")))]).toEqual([1, 0, 255, 2]);
  });

  it.skipIf(reason !== undefined)("takes back a write that a full disk cut short", async () => {
    const disk = createSmallDisk(262_144);
    const path = join(disk.root, "a.jsonl");
    await appendBytes(path, Buffer.from("one\n"));
    await replaceFile(`${path}.json`, "old", { sync: true });
    await disk.fill(8192);

    await expect(appendBytes(path, Buffer.alloc(50_000))).rejects.toMatchObject({
      code: "storage_full",
      retryAfterMs: 1000,
    });
    expect(await readTextIfExists(path)).toBe("one\n");
    const replaced = replaceFile(`${path}.json`, "x".repeat(50_000), { sync: true });
    await expect(replaced).rejects.toMatchObject({ code: "storage_full" });
    expect(await readTextIfExists(`${path}.json`)).toBe("old");
    expect((await listDirectory(disk.root)).toSorted()).toEqual([
      "a.jsonl",
      "a.jsonl.json",
      "filler",
    ]);
  });

  it.skipIf(reason !== undefined)("makes a ballast only where it fits, whole", async () => {
    const disk = createSmallDisk(262_144);
    const path = join(disk.root, "ballast");
    const ballast = createBallast(path, 100_000);
    await disk.fill(50_000);

    expect(await ballast.make()).toBe(false);
    expect(await fileSize(path)).toBe(0);
    await disk.free();
    expect(await ballast.make()).toBe(true);
    expect(await ballast.make()).toBe(true);
    expect(await fileSize(path)).toBe(100_000);
    await ballast.release();
    await ballast.release();
    expect(await fileSize(path)).toBe(0);
  });
});
