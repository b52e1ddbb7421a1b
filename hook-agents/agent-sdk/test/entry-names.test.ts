import { expect, it } from "vitest";

import { newAnchor, nextLineId, noteId } from "../../claude-code/src/transcripts/line-id.ts";
import { createEntryNames } from "../src/entry-names.ts";
import { conversation } from "./support/local-session.ts";
import { newKey } from "./support/store.ts";

it("gives the names that the relay for Claude Code gives to the lines of the same transcript", () => {
  for (const subpath of [undefined, "subagents/agent-1"]) {
    const key = newKey(subpath === undefined ? {} : { subpath });
    const entries = conversation(key.sessionId, 6);
    const anchor = newAnchor();
    const place = { projectKey: key.projectKey, subpath: subpath ?? null };
    const lineIds = entries.map((entry) => nextLineId(anchor, place, entry));

    // In batches that begin and end at any place, the second half by a process that has read the first.
    for (const size of [2, 3, 7, 30]) {
      let names = createEntryNames();
      const ids: (string | undefined)[] = [];
      for (let from = 0; from < entries.length; from += size) {
        if (from > 15 && from - size <= 15) {
          names = createEntryNames();
          names.loading(key)(entries.slice(0, from));
        }
        const named = names.name(key, entries.slice(from, from + size));
        named.keep();
        ids.push(...named.ids);
      }
      expect(ids).toEqual(lineIds);
    }
  }
});

it("gives the relay's names although the SDK mirrors only some of the lines", () => {
  const key = newKey();
  const place = { projectKey: key.projectKey, subpath: null };
  const request = { type: "api-request" };
  const mode = (name: string) => ({ type: "mode", mode: name });
  const lines = [
    request,
    mode("a"),
    { type: "user", uuid: "1" },
    request,
    mode("a"),
    request,
    mode("b"),
    mode("a"),
    request,
    { type: "user", uuid: "2" },
    mode("a"),
  ];
  const anchor = newAnchor();
  const lineIds = lines.map((line) => nextLineId(anchor, place, line));
  const names = createEntryNames();
  names.loading(key)([]);
  expect(
    names.name(
      key,
      lines.filter((line) => line !== request),
    ).ids,
  ).toEqual(lineIds.filter((_id, index) => lines[index] !== request));
  expect(new Set(lineIds).size).toBe(10);
});

it("names thousands of entries in a row without a uuid as the relay does, each its own way", () => {
  const key = newKey();
  const place = { projectKey: key.projectKey, subpath: null };
  const lines = Array.from({ length: 5_000 }, (_, index) => ({
    type: "mode",
    mode: index % 1_700,
  }));
  const anchor = newAnchor();
  const lineIds = lines.map((line) => nextLineId(anchor, place, line));
  const names = createEntryNames();
  names.loading(key)(lines.slice(0, 1_234));
  expect(names.name(key, lines.slice(1_234)).ids).toEqual(lineIds.slice(1_234));
  expect(new Set(lineIds).size).toBe(lines.length);
});

it("names what stands for a file by how often the file became that", () => {
  const key = newKey({ subpath: "subagents/agent-1" });
  const place = { projectKey: key.projectKey, subpath: "subagents/agent-1" };
  const note = (finished: boolean) => ({ type: "agent_metadata", finished });
  const idOf = (finished: boolean, times: number) =>
    noteId(place, times, JSON.stringify(note(finished)));
  const names = createEntryNames();
  names.loading(key)([note(false), { type: "user", uuid: "1" }]);
  const next = [note(false), { type: "user", uuid: "2" }, note(true), note(false)];
  const named = names.name(key, next);
  expect(named.ids).toEqual([idOf(false, 1), undefined, idOf(true, 1), idOf(false, 2)]);
  named.keep();
  expect(names.name(key, [note(false)]).ids).toEqual([idOf(false, 2)]);
});

it("names a batch that failed as before when it comes again", () => {
  const names = createEntryNames();
  const key = newKey();
  const batch = [{ type: "mode" }, { type: "mode" }];
  const first = names.name(key, batch);
  const again = names.name(key, batch);
  expect(again.ids).toEqual(first.ids);
  again.keep();
  const next = names.name(key, batch);
  expect(new Set([...first.ids, ...next.ids]).size).toBe(4);
});

it("does not believe what was read while something was appended", () => {
  const names = createEntryNames();
  const key = newKey();
  const mode = [{ type: "mode" }];
  names.name(key, [{ type: "user", uuid: "a" }]).keep();
  const loaded = names.loading(key);
  const during = names.name(key, mode);
  during.keep();
  loaded([{ type: "user", uuid: "a" }]);
  expect(names.name(key, mode).ids).not.toEqual(during.ids);
});
