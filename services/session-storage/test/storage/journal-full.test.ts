import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import type { SessionEvent } from "../../src/domain/event.ts";
import type { Journal, JournalEntry } from "../../src/journal/journal.ts";
import { readOffsets } from "../contract/journal-contract.ts";
import { action, actions } from "./events.ts";
import { createJournalFolder, keptBytes } from "./journal-folder.ts";
import { createSmallDisk, whyNoSmallDisk } from "./small-disk.ts";

const reason = whyNoSmallDisk();
if (reason !== undefined) process.stdout.write(`skipping the tests of a full disk: ${reason}\n`);

const diskBytes = 2_097_152;
const ballastBytes = 131_072;
const roomIsBack = "the volume has room again";
const full = { code: "storage_full", retryAfterMs: 1000 };

/** @returns how many appends the journal took before it refused one */
async function appendUntilFull(journal: Journal): Promise<number> {
  for (let offset = 1; ; offset += 1) {
    const refusal = await journal.append([action(offset, "x".repeat(900))]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) continue;
    expect(refusal).toMatchObject(full);
    return offset - 1;
  }
}

function deletion(offset: number): SessionEvent {
  const { sessionId, timestamp } = action(offset);
  return { sessionId, offset, timestamp, type: "session_deleted", data: {}, json: "{}" };
}

describe.skipIf(reason !== undefined)("a journal on a full disk", () => {
  it("refuses, cuts back to whole lines, gives up the ballast, and resumes within 2 s by itself", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(100_000);
    const taken = await appendUntilFull(journal);

    expect(journal.status()).toMatchObject({ condition: "full", position: taken });
    expect(existsSync(join(disk.root, "ballast"))).toBe(false);
    const bytes = await readFile(folder.segment(1));
    expect(bytes.at(-1)).toBe(0x0a);
    expect(bytes.length).toBe(journal.status().bytes);
    await expect(journal.append([action(1)])).rejects.toMatchObject(full);
    await expect(journal.append([])).rejects.toMatchObject(full);
    expect(await readOffsets(journal)).toHaveLength(taken);

    const freedMs = performance.now();
    const resumed = folder.logged(roomIsBack);
    await disk.free();
    await resumed;
    expect(performance.now() - freedMs).toBeLessThan(2000);
    expect(journal.status().condition).toBe("ok");
    expect(existsSync(join(disk.root, "ballast"))).toBe(true);
    expect(await journal.append([action(taken + 1)])).toBe(taken + 1);
    await journal.close();

    const reopened = await folder.open({ ballastBytes });
    expect(await readOffsets(reopened)).toEqual(actions(1, taken + 1).map((e) => e.offset));
    expect(reopened.status()).toMatchObject({ position: taken + 1, lost: [] });
  });

  it("tells subscribers before it refuses, and refuses everything that waited, in order", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(8192);
    const happened: string[] = [];
    const applied: JournalEntry[] = [];
    journal.subscribe({
      applied: (entries) => applied.push(...entries),
      failed: (error) => happened.push(`failed ${(error as { code?: string }).code}`),
    });
    // Too large for the room that is left, so the first batch fails with all of it.
    const appends = Array.from({ length: 5 }, (_, index) =>
      journal.append([action(index + 1, "x".repeat(20_000))]).catch(() => {
        happened.push(`append ${index + 1}`);
      }),
    );
    await Promise.all(appends);

    expect(happened).toEqual([
      "failed storage_full",
      "append 1",
      "append 2",
      "append 3",
      "append 4",
      "append 5",
    ]);
    expect(applied).toEqual([]);
    expect(journal.status().position).toBe(0);
  });

  it("refuses what came while the write failed, although it would fit now", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(8192);
    const order: string[] = [];
    const large = journal.append([action(1, "x".repeat(20_000))]).catch(() => order.push("large"));
    // Two turns of the event loop: the write of the first batch is under way.
    await setImmediate();
    await setImmediate();
    const small = journal.append([action(2)]).catch(() => order.push("small"));
    await Promise.all([large, small]);

    expect(order).toEqual(["large", "small"]);
  });

  it("refuses nothing before its subscribers know, whenever it is asked", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(8192);
    const happened: string[] = [];
    journal.subscribe({ applied() {}, failed: () => happened.push("failed") });
    const appends = [journal.append([action(1, "x".repeat(20_000))])];
    while (happened.length === 0) {
      appends.push(journal.append([action(2)]));
      for (const append of appends.slice(-2)) append.catch(() => happened.push("refused"));
      await setImmediate();
    }

    expect(happened[0]).toBe("failed");
    const outcomes = await Promise.allSettled(appends);
    expect(outcomes.map(({ status }) => status)).toEqual(appends.map(() => "rejected"));
  });

  it("repairs a torn tail with the room of the ballast", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const before = await folder.open({ ballastBytes });
    await before.append(actions(1, 3));
    await before.close();
    await appendFile(folder.segment(1), '{"position":4,"sess');
    await disk.fill(0);
    const journal = await folder.open({ ballastBytes });

    expect(journal.status()).toMatchObject({ condition: "full", position: 3, lost: [] });
    expect((await keptBytes(folder, ".torn-")).toString()).toBe('{"position":4,"sess');
    expect(await readOffsets(journal)).toEqual([1, 2, 3]);
  });

  it("still takes deletions, for they make room", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(50_000);
    const taken = await appendUntilFull(journal);

    expect(await journal.append([deletion(taken + 1)])).toBe(taken + 1);
    await expect(journal.append([action(1), deletion(2)])).rejects.toMatchObject(full);
    expect(await readOffsets(journal, taken)).toEqual([taken + 1]);
  });

  it("starts full on a full disk and resumes when there is room", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const before = await folder.open({ ballastBytes: 0 });
    await before.append([action(1)]);
    await before.close();
    await disk.fill(4096);
    const journal = await folder.open({ ballastBytes });

    expect(journal.status()).toMatchObject({ condition: "full", position: 1 });
    expect(await readOffsets(journal)).toEqual([1]);
    await expect(journal.append([action(2)])).rejects.toMatchObject(full);
    const resumed = folder.logged(roomIsBack);
    await disk.free();
    await resumed;
    expect(await journal.append([action(2)])).toBe(2);
  });

  it("closes while it is full", async () => {
    const disk = createSmallDisk(diskBytes);
    const folder = await createJournalFolder(disk.root);
    const journal = await folder.open({ ballastBytes });
    await disk.fill(50_000);
    const taken = await appendUntilFull(journal);
    await journal.close();

    await expect(journal.append([action(1)])).rejects.toMatchObject({ code: "draining" });
    expect(await readOffsets(journal)).toHaveLength(taken);
  });
});
