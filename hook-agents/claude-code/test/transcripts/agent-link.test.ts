import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { readAgentLink } from "../../src/transcripts/agent-link.ts";
import { temporaryFolder } from "../support/relay.ts";

let path: string;

beforeEach(async () => {
  path = join(await temporaryFolder(), "s1.jsonl");
  await mkdir(join(path, "..", "s1", "subagents"), { recursive: true });
});

describe("the CLI's note on a subagent", () => {
  const note = (meta: object) =>
    writeFile(join(path, "..", "s1", "subagents", "agent-a1.meta.json"), JSON.stringify(meta));

  it.each([
    ["of the main agent", { toolUseId: "t1", spawnDepth: 1 }, null],
    ["of a subagent", { toolUseId: "t1", spawnDepth: 2, parentAgentId: "a0" }, "a0"],
  ])("tells its parent: %s", async (_name, meta, parentAgentId) => {
    await note(meta);
    expect(await readAgentLink(path, "a1")).toEqual({ toolUseId: "t1", parentAgentId });
  });

  it("is not believed where an older version leaves out the parent", async () => {
    await note({ toolUseId: "t1", spawnDepth: 2 });
    expect(await readAgentLink(path, "a1")).toBeUndefined();
  });

  it("is undefined before it is written, and for an id that is a path", async () => {
    expect(await readAgentLink(path, "a1")).toBeUndefined();
    expect(await readAgentLink(path, "../../s1")).toBeUndefined();
  });
});
