import { expect, it } from "vitest";

import { newAnchor, nextLineId } from "../../claude-code/src/transcripts/line-id.ts";
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
