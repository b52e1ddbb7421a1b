import { describe, expect, it } from "vitest";

import {
  folderNameOf,
  mainPlaceOf,
  placeBelow,
  projectKeyOf,
} from "../../src/transcripts/place.ts";

describe("the CLI's folder of a working directory", () => {
  // As 2.1.329 has made them.
  it.each([
    ["letters and digits", "/work/App9", "-work-App9"],
    ["everything else, by UTF-16 code units", "/tmp/lab/sp ace.ü.d_x😀", "-tmp-lab-sp-ace---d-x--"],
    [
      "a long one, by a hash of all of it",
      `/tmp/lab/${"a".repeat(120)}/${"b".repeat(120)}`,
      `-tmp-lab-${"a".repeat(120)}-${"b".repeat(70)}-91guxm`,
    ],
  ])("keeps %s", (_name, workingDirectory, folder) => {
    expect(folderNameOf(workingDirectory)).toBe(folder);
  });
});

describe("a transcript's place", () => {
  const key = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,219}$/;

  it("has the folder's name as its project, and another for one that the service would refuse", () => {
    expect(projectKeyOf("-work-app")).toBe("-work-app");
    // The Agent SDK's key for it too.
    const longest = folderNameOf(`/${"long/".repeat(60)}`);
    expect(projectKeyOf(longest)).toBe(longest);
    const [long, other] = ["a", "b"].map((end) => projectKeyOf(`-${"x".repeat(226)}${end}`));
    expect(long).toMatch(key);
    expect(long).not.toBe(other);
    for (const odd of [".hidden", "a b", "x.jsonl"]) expect(projectKeyOf(odd)).toMatch(key);
    expect(projectKeyOf("x.jsonl")).not.toMatch(/\.jsonl$/);
  });

  it("is the main one under Claude's own id and one of several under another", () => {
    expect(mainPlaceOf("-w", "c1", "c1")).toEqual({ projectKey: "-w", subpath: null });
    const place = mainPlaceOf("-w", "run-1", "c1");
    expect(place.subpath).toBe("claude/c1");
    expect(placeBelow(place, "")).toEqual(place);
    expect(placeBelow(place, "subagents/agent-7")?.subpath).toBe("claude/c1/subagents/agent-7");
  });

  it.each([["a/../b"], [".hidden"], ["a b"], ["x.jsonl/y"], ["1/2/3/4/5/6/7/8/9"]])(
    "is none for a name that the service refuses: %s",
    (name) => {
      expect(placeBelow({ projectKey: "-w", subpath: null }, name)).toBeUndefined();
    },
  );
});
