import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { mergeTranscript } from "../../src/restore/merge.ts";
import { placeNote } from "../../src/restore/place-note.ts";
import { temporaryFolder } from "../support/relay.ts";

let path: string;
let own: Record<string, unknown>[];

beforeEach(async () => {
  path = join(await temporaryFolder(), "projects", "-w", "c1.jsonl");
  own = [];
});

const uuid = (name: string) => ({ uuid: name });
const mode = { type: "mode", mode: "normal" };
const text = (entries: readonly object[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

async function merge(entries: readonly object[]) {
  async function* lines() {
    for (const entry of entries) yield JSON.stringify(entry);
  }
  return mergeTranscript({
    path,
    place: { projectKey: "-w", subpath: null },
    lines: lines(),
    onOwn: async (entry) => void own.push(entry),
  });
}
const read = async () =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
const names = () => readdir(dirname(path));

describe("a transcript that is put back", () => {
  it("is what the service has where nothing stands", async () => {
    const stored = [mode, uuid("a"), mode, { uuid: "b", text: "ä\u2028\n" }];
    expect(await merge(stored)).toMatchObject({ entries: 4, added: 4, own: 0 });
    expect(await readFile(path, "utf8")).toBe(text(stored));
    expect(await names()).toEqual([basename(path)]);
  });

  it("keeps notes about subagents apart", async () => {
    const notes = [{ toolUseId: "t1" }, { toolUseId: "t1", finished: true }];
    const stored = [uuid("a"), { type: "agent_metadata", ...notes[0] }, uuid("b")];
    const merged = await merge([...stored, { type: "agent_metadata", ...notes[1] }]);
    expect(merged.entries).toBe(2);
    expect(merged.notes.map((note) => JSON.parse(note) as object)).toEqual(notes);
    expect(await read()).toEqual([uuid("a"), uuid("b")]);
  });

  const [a, b, c, d] = ["a", "b", "c", "d"].map(uuid) as [object, object, object, object];
  it.each([
    ["the same", [a, mode, b], [a, mode, b], [a, mode, b], []],
    ["the beginning of it", [a, mode], [a, mode, b, mode], [a, mode, b, mode], []],
    ["more than it", [a, b, mode, c], [a, b], [a, b, mode, c], [mode, c]],
    ["another end", [a, mode, c], [a, b, mode, d], [a, mode, c, b, d], [c]],
    ["nothing of it", [a], [b], [a, b], [a]],
    ["one line less in its middle", [a, c], [a, b, c], [a, c, b], []],
    ["a line twice", [mode, mode], [mode], [mode, mode], [mode]],
    ["nothing", [], [a, b], [a, b], []],
  ])("is joined with what stands here: %s", async (_name, here, stored, expected, sent) => {
    await merge(here);
    await writeFile(path, text(here), { flag: "w" });
    own = [];
    const merged = await merge(stored);
    expect(await read().catch(() => [])).toEqual(expected);
    expect(own).toEqual(sent);
    expect(merged).toMatchObject({ entries: stored.length, own: sent.length });
    expect(merged.added).toBe(expected.length - here.length);
    expect(await names()).toEqual([basename(path)]);
  });

  it("has its torn end cut, with the bytes put aside", async () => {
    await merge([a, b]);
    await writeFile(path, `${text([a])}{"uuid":"b","te`);
    const { torn = "" } = await merge([a, b]);
    expect(await read()).toEqual([a, b]);
    expect(own).toEqual([]);
    expect(basename(torn)).toMatch(/^c1\.jsonl\.torn-/);
    expect(await readFile(torn, "utf8")).toBe('{"uuid":"b","te');
  });

  it("gets the line feed that a whole last line lacks", async () => {
    await merge([a]);
    await writeFile(path, text([a, b]).trimEnd());
    expect(await merge([a, b, c])).toMatchObject({ added: 1 });
    expect(await readFile(path, "utf8")).toBe(text([a, b, c]));
  });

  it("stays as it was when the service is cut off in the middle", async () => {
    await merge([a, b]);
    async function* cut() {
      yield JSON.stringify(a);
      yield JSON.stringify(d);
      throw new Error("cut");
    }
    const place = { projectKey: "-w", subpath: null };
    const merging = mergeTranscript({ path, place, lines: cut(), onOwn: async () => {} });
    await expect(merging).rejects.toThrow("cut");
    expect(await read()).toEqual([a, b]);
    expect(await names()).toEqual([basename(path)]);
  });
});

describe("a note about a subagent", () => {
  const [first, last] = [{ toolUseId: "t1" }, { toolUseId: "t1", finished: true }].map((note) =>
    JSON.stringify(note),
  ) as [string, string];

  it.each([
    ["is what the service had last where none stands", undefined, [first, last], last, false],
    ["replaces one that the service has seen", first, [first, last], last, false],
    ["is left alone when it is the same", last, [first, last], last, false],
    ["is kept, and sent, when the service has never seen it", last, [first], last, true],
    ["replaces a torn one", '{"tool', [first], first, false],
    ["is kept where the service has none", first, [], first, true],
  ])("%s", async (_name, here, notes, expected, isNew) => {
    const note = join(await temporaryFolder(), "agent-1.meta.json");
    if (here !== undefined) await writeFile(note, here);
    expect(await placeNote(note, notes)).toBe(isNew);
    expect(await readFile(note, "utf8")).toBe(expected);
  });
});
