import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

import { describe, expect, it } from "vitest";

import { listSpooledSessions } from "../src/main.ts";
import { thisProcess } from "../src/process.ts";
import { claimSpoolFolders, newSpoolFolder } from "../src/spool-folder.ts";
import { openSpool } from "../src/spool.ts";
import { createAgent, numbersOf, range, type TestAgent } from "./support/agent.ts";
import { createService, shareService } from "./support/service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const shared = shareService();
const self = thisProcess();
const deadPid = spawnSync(process.execPath, ["--version"]).pid;

/** @returns the session's folder, with a spool whose folder has this name in it */
function sessionWith(name: string, ageMs = 0): string {
  const folder = join(temporaryDirectory(), "run");
  mkdirSync(join(folder, name), { recursive: true });
  const touchedAt = new Date(Date.now() - ageMs);
  utimesSync(join(folder, name), touchedAt, touchedAt);
  return folder;
}

it.each(["notes", "0a.txt", ".python", `0a.${deadPid}`])(
  "leaves the folder %s alone, which is somebody else's",
  (name) => {
    const folder = sessionWith(name, 60_000);

    expect(claimSpoolFolders(folder)).toEqual({ folders: [], undecided: false });
    expect(listSpooledSessions(join(folder, ".."))).toEqual([]);
    expect(readdirSync(folder)).toEqual([name]);
  },
);

describe.skipIf(process.platform !== "linux")("the folder of a spool (Linux: needs /proc)", () => {
  it.each([
    ["a process that ended", `0a.${deadPid}.17.${self.realm}`, 0],
    ["an earlier process that had our pid", `0a.${self.pid}.17.${self.realm}`, 0],
    ["an agent that was closed", "0a.released", 0],
    ["another container that has been silent for 7 s", "0a.1.17.boot-4", 7_000],
  ])("of %s is taken over", (_, name, ageMs) => {
    const folder = sessionWith(name, ageMs);
    const claim = claimSpoolFolders(folder);
    const mine = `0a.${self.pid}.${self.startTicks}.${self.realm}`;
    expect(claim).toEqual({ folders: [join(folder, mine)], undecided: false });
    expect(readdirSync(folder)).toEqual([mine]);
    expect(claimSpoolFolders(folder).folders).toEqual([]);
    // Another container must not take it for one that is silent still.
    expect(statSync(join(folder, mine)).mtimeMs).toBeGreaterThan(Date.now() - 5_000);
  });

  it.each([
    ["a process that is there", `0a.${self.pid}.${self.startTicks}.${self.realm}`, false],
    ["another container that spoke a moment ago", "0a.1.17.boot-4", true],
  ])("of %s is left alone", (_, name, undecided) => {
    const folder = sessionWith(name, 60_000 * Number(!undecided));
    expect(claimSpoolFolders(folder)).toEqual({ folders: [], undecided });
    expect(readdirSync(folder)).toEqual([name]);
  });

  it("tells which sessions have records of processes that are gone", async () => {
    const spoolDirectory = temporaryDirectory();
    const options = { serviceUrl: "http://127.0.0.1:9", spoolDirectory };
    const closed = createAgent({ ...options, sessionId: "closed" });
    const open = createAgent({ ...options, sessionId: "open" });
    for (const agent of [closed, open]) agent.logAction({ type: "step" });
    await closed.close({ timeoutMs: 0 });
    expect(listSpooledSessions(spoolDirectory)).toEqual(["closed"]);
    expect(listSpooledSessions(join(spoolDirectory, "nowhere"))).toEqual([]);
  });
});

describe("the files of a spool", () => {
  const contents = (folder: string) =>
    openSpool(folder)
      .leftSegments()
      .map(({ segment, sentBytes }) => segment.read(sentBytes, 1_000).toString());

  it("are read in order, from the cursor on", () => {
    const folder = newSpoolFolder(temporaryDirectory());
    const spool = openSpool(folder);
    const [first, second] = [spool.openSegment(), spool.openSegment()];
    first.append("1\n");
    first.append("2\n");
    second.append("3\n");
    expect(contents(folder)).toEqual(["1\n2\n", "3\n"]);
    spool.writeCursor(first, 2);
    expect(contents(folder)).toEqual(["2\n", "3\n"]);
  });

  it("count from the start when the cursor is damaged or of another segment", () => {
    const folder = newSpoolFolder(temporaryDirectory());
    openSpool(folder).openSegment().append("1\n");
    for (const cursor of ["", "\0\0\0\0", "00000001-0.jsonl x", "00000009-0.jsonl 2"]) {
      writeFileSync(join(folder, "cursor"), cursor);
      expect(contents(folder)).toEqual(["1\n"]);
    }
    writeFileSync(join(folder, "cursor"), "00000001-0.jsonl 999");
    expect(contents(folder)).toEqual([""]);
  });

  it("count only in their last revision when a rewrite was cut short", () => {
    const folder = newSpoolFolder(temporaryDirectory());
    const spool = openSpool(folder);
    const segment = spool.openSegment();
    segment.append("long\n");
    spool.writeCursor(segment, 5);
    const rewritten = spool.rewriteSegment(segment, "short\n");
    expect(basename(rewritten.path ?? "")).toBe("00000001-1.jsonl");
    writeFileSync(join(folder, "00000001-2.jsonl.tmp"), "sho");
    expect(contents(folder)).toEqual(["short\n"]);
  });
});

describe("a spool whose folder somebody takes away", () => {
  const nowhere = "http://127.0.0.1:9";
  const logTen = (agent: TestAgent, from: number) =>
    range(from, from + 10).forEach((n) => agent.logAction({ type: "step", n }));
  async function heirOf(spoolDirectory: string, sessionId: string): Promise<unknown[]> {
    const heir = createAgent({ serviceUrl: shared.current.url, spoolDirectory, sessionId });
    expect(await heir.flush({ timeoutMs: 10_000 })).toBe(true);
    return numbersOf(await shared.current.actions(sessionId));
  }

  it.each([
    ["its own", false],
    ["one that it took over", true],
  ])("brings its records into a new one: %s", async (name, isAdopted) => {
    const spoolDirectory = temporaryDirectory();
    const sessionId = name.replaceAll(" ", "-");
    const options = { serviceUrl: nowhere, spoolDirectory, sessionId };
    let agent = createAgent(options);
    logTen(agent, 0);
    if (isAdopted) {
      await agent.close({ timeoutMs: 0 });
      agent = createAgent(options);
    }
    const folder = join(spoolDirectory, sessionId);
    const before = readdirSync(folder);
    renameSync(folder, join(temporaryDirectory(), "elsewhere"));
    await expect.poll(() => readdirSync(spoolDirectory), { timeout: 10_000 }).toEqual([sessionId]);
    expect(readdirSync(folder)).not.toEqual(before);
    logTen(agent, 10);
    await agent.close({ timeoutMs: 0 });
    expect(await heirOf(spoolDirectory, sessionId)).toEqual(range(0, 20));
  });

  it("brings them there as soon as the disk takes a new one", async () => {
    const spoolDirectory = temporaryDirectory();
    const agent = createAgent({ serviceUrl: nowhere, spoolDirectory, sessionId: "refused" });
    logTen(agent, 0);
    const folder = join(spoolDirectory, "refused");
    renameSync(folder, join(temporaryDirectory(), "elsewhere"));
    writeFileSync(folder, "in the way");
    await expect
      .poll(() => agent.warnings.map(({ message }) => message), { timeout: 10_000 })
      .toContain("spool can't be used as it should");
    logTen(agent, 10);
    rmSync(folder);
    await agent.close({ timeoutMs: 0 });
    expect(await heirOf(spoolDirectory, "refused")).toEqual(range(0, 20));
  });
});

it("goes on, and tells it, when somebody empties its file", async () => {
  const service = await createService();
  const spoolDirectory = temporaryDirectory();
  const agent = createAgent({ serviceUrl: service.url, spoolDirectory });
  const gone = range(0, 10).map((n) => agent.logAction({ type: "step", n }));
  const [folder = ""] = readdirSync(join(spoolDirectory, "run"));
  truncateSync(join(spoolDirectory, "run", folder, "00000001-0.jsonl"));
  await service.start();
  expect(await gone[9]?.receipt).toEqual({ outcome: "dropped", reason: "spool_damaged" });
  agent.logAction({ type: "step", n: 10 });
  expect(await agent.flush({ timeoutMs: 10_000 })).toBe(true);
  expect(await service.actions("run")).toMatchObject([
    { type: "records_dropped", details: { records: 10, reason: "spool_damaged" } },
    { type: "step", n: 10 },
  ]);
  expect(agent.stats().dropped).toBe(10);
});

it("takes over, while it runs, what a container left that has fallen silent", async () => {
  const service = shared.current;
  const spoolDirectory = temporaryDirectory();
  const folder = join(spoolDirectory, "silent", "0a.1.17.boot-4");
  openSpool(folder)
    .openSegment()
    .append('{"type":"action","id":"a","data":{"type":"step","n":7}}\n');
  const agent = createAgent({ serviceUrl: service.url, spoolDirectory, sessionId: "silent" });
  expect(agent.stats().adopted).toBe(0);
  utimesSync(folder, new Date(0), new Date(0));
  await expect.poll(() => agent.stats().sent, { timeout: 10_000 }).toBe(1);
  expect(numbersOf(await service.actions("silent"))).toEqual([7]);
});

it("keeps many sessions of one process apart", async () => {
  const service = shared.current;
  const spoolDirectory = temporaryDirectory();
  const agents = range(0, 50).map((index) =>
    createAgent({ serviceUrl: service.url, spoolDirectory, sessionId: `run-${index}` }),
  );
  for (const n of range(0, 20)) for (const agent of agents) agent.logAction({ type: "step", n });
  const flushed = await Promise.all(agents.map((agent) => agent.close({ timeoutMs: 10_000 })));
  expect(flushed).toEqual(range(0, 50).map(() => true));
  for (const agent of agents)
    expect(numbersOf(await service.actions(agent.sessionId ?? ""))).toEqual(range(0, 20));
  expect(readdirSync(spoolDirectory)).toEqual([]);
});
