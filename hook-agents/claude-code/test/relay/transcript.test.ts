import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import {
  type Cursors,
  readAgentLink,
  readAgentTranscripts,
  readTranscript,
} from "../../src/relay/transcript.ts";
import { temporaryFolder } from "../support/relay.ts";

let path: string;
let agents: string;
let cursors: Cursors;

beforeEach(async () => {
  const folder = await temporaryFolder();
  path = join(folder, "s1.jsonl");
  agents = join(folder, "s1", "subagents");
  await mkdir(agents, { recursive: true });
  cursors = {};
});

const line = (id: string, text: string, more: object = {}) =>
  `${JSON.stringify({
    type: "assistant",
    message: {
      id,
      model: "m1",
      content: [{ type: "text", text }],
      usage: { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 1 },
      ...more,
    },
  })}\n`;
const read = () => readTranscript(path, cursors);

describe("a transcript", () => {
  it("is read on from where it was left", async () => {
    await writeFile(path, `{"type":"user"}\n${line("a", "one")}`);
    expect(await read()).toEqual({
      entries: [
        {
          messageId: "a",
          model: "m1",
          tokens: {
            inputTokens: 3,
            outputTokens: 2,
            cacheReadInputTokens: 1,
            cacheCreationInputTokens: 0,
          },
        },
      ],
      texts: ["one"],
      decisions: [],
    });
    await appendFile(path, line("b", "two"));
    expect((await read()).texts).toEqual(["two"]);
    expect((await read()).texts).toEqual([]);
  });

  it("waits for the rest of a line that is being written", async () => {
    const whole = line("a", "one");
    await writeFile(path, whole.slice(0, 50));
    expect((await read()).texts).toEqual([]);
    await appendFile(path, whole.slice(50));
    expect((await read()).texts).toEqual(["one"]);
  });

  it("may have lines longer than what is read at once", async () => {
    const long = `{"type":"user","text":"${"x".repeat(9_000_000)}"}\n`;
    await writeFile(path, `${long}${line("a", "one")}${long}${line("b", "two")}`);
    expect((await read()).texts).toEqual(["one", "two"]);
  });

  it("is nothing before it is there", async () => {
    expect(await read()).toEqual({ entries: [], texts: [], decisions: [] });
  });

  it("counts no message that the CLI made up, and passes over a damaged line", async () => {
    const damaged = '{"type":"assistant","usage"\n';
    await writeFile(path, damaged + line("a", "x", { model: "<synthetic>" }) + line("b", "two"));
    expect((await read()).entries.map(({ messageId }) => messageId)).toEqual(["b"]);
  });

  it("does not count what a fork has copied from another session", async () => {
    const copied = line("a", "one").replace("{", '{"sessionId":"s1","requestSessionId":"s0",');
    const own = line("b", "two").replace("{", '{"sessionId":"s1","requestSessionId":"s1",');
    await writeFile(path, copied + own + line("c", "three"));
    expect((await read()).entries.map(({ messageId }) => messageId)).toEqual(["b", "c"]);
  });

  it("has others beside it, of subagents", async () => {
    await writeFile(join(agents, "agent-a1.jsonl"), line("c", "sub"));
    const { entries } = await readAgentTranscripts(path, cursors);
    expect(entries).toMatchObject([{ messageId: "c", agentId: "a1" }]);
  });

  const answered = (stdout: string, more: object = {}) =>
    `${JSON.stringify({
      type: "attachment",
      attachment: {
        type: "hook_success",
        hookName: "PreToolUse:Bash",
        toolUseID: "t1",
        hookEvent: "PreToolUse",
        stdout,
        ...more,
      },
      timestamp: "2026-11-21T10:00:00.000Z",
    })}\n`;
  const decision = (permissionDecision: string, permissionDecisionReason?: string) =>
    JSON.stringify({ hookSpecificOutput: { permissionDecision, permissionDecisionReason } });

  it("tells what hooks decided, in a subagent too", async () => {
    const told = { tool: "Bash", toolUseId: "t1", at: "2026-11-21T10:00:00.000Z" };
    await writeFile(path, answered(decision("allow", "harmless")) + answered(decision("ask")));
    await writeFile(join(agents, "agent-a1.jsonl"), answered(decision("allow")));
    expect((await read()).decisions).toEqual([
      { ...told, decision: "allow", reason: "harmless" },
      { ...told, decision: "ask" },
    ]);
    expect((await readAgentTranscripts(path, cursors)).decisions).toEqual([
      { ...told, decision: "allow", agentId: "a1" },
    ]);
  });

  it.each([
    ["a hook that prints text", answered('no "permissionDecision": {')],
    ["a hook that prints null", answered("null") + answered('null "permissionDecision')],
    ["another event", answered(decision("allow"), { hookEvent: "PostToolUse" })],
    ["an agent that writes about one", line("a", answered(decision("allow")))],
    ["a damaged line", answered(decision("allow")).slice(9)],
  ])("tells no decision of %s", async (_name, text) => {
    await writeFile(path, text);
    expect((await read()).decisions).toEqual([]);
  });
});

describe("the CLI's note on a subagent", () => {
  const note = (meta: object) =>
    writeFile(join(agents, "agent-a1.meta.json"), JSON.stringify(meta));

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
