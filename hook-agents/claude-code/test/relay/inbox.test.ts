import { appendFile, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { openInbox } from "../../src/relay/inbox.ts";
import { silentLog, temporaryFolder } from "../support/relay.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const open = () => openInbox(folder, silentLog);
const textsOf = (inbox: ReturnType<typeof open>) => inbox.left.map(({ body }) => body.toString());

describe("the inbox", () => {
  it("gives the next relay what this one took and did not record, byte for byte", () => {
    const first = open();
    const body = Buffer.from([0, 10, 13, 255, 123]);
    first.add(Buffer.from("one"));
    first.add(body, 42);
    const second = open();
    expect(second.left).toMatchObject([
      { boot: first.boot, seq: 1 },
      { boot: first.boot, seq: 2, pid: 42 },
    ]);
    expect(second.left[1]?.body.equals(body)).toBe(true);
  });

  it("keeps the order over several relays", () => {
    open().add(Buffer.from("one"));
    open().add(Buffer.from("two"));
    expect(textsOf(open())).toEqual(["one", "two"]);
  });

  it("forgets a hook only when all of its relay's hooks are recorded", () => {
    const first = open();
    first.add(Buffer.from("one"));
    first.add(Buffer.from("two"));
    const second = open();
    const [one, two] = second.left;
    if (one) second.done(one);
    expect(textsOf(open())).toEqual(["one", "two"]);
    if (two) second.done(two);
    expect(textsOf(open())).toEqual([]);
  });

  it("drops a hook that was cut while it was written, and keeps those before", async () => {
    open().add(Buffer.from("whole"));
    const [name = ""] = await readdir(folder);
    const path = join(folder, name);
    const { size } = await stat(path);
    await appendFile(path, '{"boot":"b","seq":2,"at":"","bytes":100}\nhalf');
    expect(textsOf(open())).toEqual(["whole"]);
    await truncate(path, size - 2);
    expect(textsOf(open())).toEqual([]);
  });

  it("does not grow once everything is recorded", async () => {
    const inbox = open();
    const body = Buffer.alloc(300_000);
    for (let round = 0; round < 20; round += 1) inbox.done(inbox.add(body));
    const [name = ""] = await readdir(folder);
    expect((await stat(join(folder, name))).size).toBeLessThan(1_400_000);
    expect(inbox.waiting()).toEqual({ arrivals: 0, bytes: 0 });
    inbox.close();
    expect(await readdir(folder)).toEqual([]);
  });
});
