import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { readOffsets } from "../contract/journal-contract.ts";
import { action, actions } from "./events.ts";
import { createJournalFolder, keptBytes } from "./journal-folder.ts";
import { folderWith, type JournalImage, makeImage } from "./journal-image.ts";

const segmentName = "0000000000000001.log";

function bytesOf(image: JournalImage): Buffer {
  return image.get(segmentName) ?? Buffer.alloc(0);
}

it("drops a torn append at every byte of it, keeps the bytes aside and goes on", async () => {
  const before = bytesOf(await makeImage([actions(1, 2), [action(3)]], { closes: false }));
  const whole = bytesOf(
    await makeImage([actions(1, 2), [action(3)], actions(4, 5)], { closes: false }),
  );
  for (let end = before.length; end <= whole.length; end += 1) {
    const image: JournalImage = new Map([[segmentName, whole.subarray(0, end)]]);
    const folder = await folderWith(image);
    const journal = await folder.open();
    // Only the last newline may be missing: then every line of the append is there.
    const last = end >= whole.length - 1 ? 5 : 3;

    expect(await readOffsets(journal)).toEqual(actions(1, last).map((e) => e.offset));
    expect(journal.status()).toMatchObject({ position: last, lost: [], condition: "ok" });
    const torn = last === 5 ? Buffer.alloc(0) : whole.subarray(before.length, end);
    const name = `.torn-0000000000000001-${before.length}`;
    expect(await keptBytes(folder, name)).toEqual(torn);

    expect(await journal.append([action(last + 1)])).toBe(last + 1);
    await journal.close();
    const reopened = await folder.open();
    expect(await readOffsets(reopened)).toEqual(actions(1, last + 1).map((e) => e.offset));
    await reopened.close();
  }
}, 60_000);

it("drops an append of which whole lines are missing", async () => {
  const bytes = bytesOf(await makeImage([[action(1)], actions(2, 4)], { closes: false }));
  const twoLines = bytes.subarray(0, bytes.lastIndexOf("\n", bytes.length - 2) + 1);
  const folder = await folderWith(new Map([[segmentName, twoLines]]));
  const journal = await folder.open();

  expect(await readOffsets(journal)).toEqual([1]);
  expect(folder.lines).toMatchObject([{ level: "warn", message: "torn tail cut" }]);
});

it("cuts at the first hole of an unsynced batch although whole lines follow it", async () => {
  const folder = await createJournalFolder();
  const journal = await folder.open({ idleWatermarkMs: 60_000 });
  // Appended at once they share a batch, so none of the lines says that another one was durable.
  await Promise.all([1, 2, 3].map((offset) => journal.append([action(offset, "x".repeat(99))])));
  const bytes = await readFile(folder.segment(1));
  bytes.fill(0, bytes.indexOf("\n") + 50, bytes.indexOf("\n") + 60);
  const holed = await folderWith(new Map([[segmentName, bytes]]));
  const reopened = await holed.open();

  expect(await readOffsets(reopened)).toEqual([1]);
  expect(reopened.status()).toMatchObject({ position: 1, lost: [] });
});

it("keeps what follows a hole that a later line says was durable", async () => {
  const bytes = bytesOf(
    await makeImage([[action(1)], [action(2)], [action(3)]], { closes: false }),
  );
  bytes.fill(0, bytes.indexOf("\n") + 50, bytes.indexOf("\n") + 60);
  const folder = await folderWith(new Map([[segmentName, bytes]]));
  const journal = await folder.open();

  expect(await readOffsets(journal)).toEqual([1, 3]);
  expect(journal.status()).toMatchObject({ position: 3, lost: [{ from: 2, to: 2 }] });
});

it("writes a watermark when it closes, once", async () => {
  const image = await makeImage([actions(1, 3)], { closes: false });
  const folder = await folderWith(image);
  const journal = await folder.open({ idleWatermarkMs: 1 });
  await journal.close();

  const lines = (await readFile(folder.segment(1), "utf8")).trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^\{"position":3,"watermark":true,"_d":3,"_c":"[0-9a-f]{8}"\}$/);
  expect(lines).toHaveLength(4);
});
