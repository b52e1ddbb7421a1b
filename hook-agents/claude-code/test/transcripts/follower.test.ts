import { appendFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import type { Cursors } from "../../src/transcripts/cursor.ts";
import { createFollower, type Follower } from "../../src/transcripts/follower.ts";
import { placeBelow } from "../../src/transcripts/place.ts";
import { temporaryFolder } from "../support/relay.ts";

interface Shipped {
  readonly subpath: string | null;
  readonly entry: Record<string, unknown>;
  readonly id: string | undefined;
}

let path: string;
let cursors: Cursors;
let follower: Follower;
let shipped: Shipped[];
let isOpen: boolean;

beforeEach(async () => {
  path = join(await temporaryFolder(), "s1.jsonl");
  await mkdir(join(dirname(path), "s1", "subagents", "flow"), { recursive: true });
  cursors = {};
  shipped = [];
  isOpen = true;
  follower = follow();
});

/** As a relay that was started again: it has the cursors and nothing else. */
const follow = () =>
  createFollower({
    cursors: JSON.parse(JSON.stringify(cursors), (_key, value: unknown) => value) as Cursors,
    canShip: () => isOpen,
    placeOf: (name) => placeBelow({ projectKey: "-w", subpath: null }, name),
    ship: ({ subpath }, entry, id) => shipped.push({ subpath, entry, id }),
  });
const below = (name: string) => join(dirname(path), "s1", name);
const line = (entry: object) => `${JSON.stringify(entry)}\n`;
const answer = (id: string, text: string, more: object = {}) =>
  line({
    type: "assistant",
    uuid: `u-${id}`,
    message: {
      id,
      model: "m1",
      content: [{ type: "text", text }],
      usage: { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 1 },
      ...more,
    },
  });
const read = (scope: "main" | "all" = "main") => follower.read(path, scope);
const texts = async () => (await read()).texts;
const uuids = () => shipped.map(({ entry }) => entry["uuid"]);
/** What the service keeps: a uuid or an id counts once in its transcript. */
const kept = () => {
  const known = new Set<string>();
  return shipped.filter(({ subpath, entry, id }) => {
    const key = JSON.stringify([subpath, entry["uuid"] ?? id]);
    return !known.has(key) && known.add(key);
  });
};

describe("a transcript's tokens", () => {
  it("are read on from where they were left", async () => {
    await writeFile(path, `{"type":"user"}\n${answer("a", "one")}`);
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
      agentTexts: [],
      decisions: [],
      hasNews: true,
    });
    await appendFile(path, answer("b", "two"));
    expect(await texts()).toEqual(["two"]);
    expect(await read()).toMatchObject({ texts: [], hasNews: false });
  });

  it("are not there before the file is", async () => {
    expect(await read("all")).toMatchObject({ entries: [], hasNews: false });
  });

  it("leave out a message that the CLI made up, and a damaged line", async () => {
    const damaged = '{"type":"assistant","usage"\n';
    await writeFile(path, damaged + answer("a", "x", { model: "<synthetic>" }) + answer("b", "2"));
    expect((await read()).entries.map(({ messageId }) => messageId)).toEqual(["b"]);
    expect(uuids()).toEqual(["u-a", "u-b"]);
  });

  it("leave out what a fork has copied from another session", async () => {
    const copied = answer("a", "one").replace("{", '{"sessionId":"s1","requestSessionId":"s0",');
    const own = answer("b", "two").replace("{", '{"sessionId":"s1","requestSessionId":"s1",');
    await writeFile(path, copied + own + answer("c", "three"));
    expect((await read()).entries.map(({ messageId }) => messageId)).toEqual(["b", "c"]);
    expect(uuids()).toEqual(["u-a", "u-b", "u-c"]);
  });

  it("are counted once, whether the lines may be shipped or not", async () => {
    isOpen = false;
    await writeFile(path, answer("a", "one"));
    expect(await texts()).toEqual(["one"]);
    isOpen = true;
    await appendFile(path, answer("b", "two"));
    expect(await texts()).toEqual(["two"]);
    expect(uuids()).toEqual(["u-a", "u-b"]);
  });
});

describe("what hooks of the user's own decided", () => {
  it("is told once, in a subagent too, also while lines may not be shipped", async () => {
    isOpen = false;
    const hookSpecificOutput = { permissionDecision: "allow" };
    const attachment = {
      hookName: "PreToolUse:Bash",
      toolUseID: "t1",
      hookEvent: "PreToolUse",
      stdout: JSON.stringify({ hookSpecificOutput }),
    };
    const decided = line({ attachment, timestamp: "2026-11-21T10:00:00.000Z" });
    await writeFile(path, decided);
    await writeFile(below("subagents/agent-a1.jsonl"), decided);
    const { decisions } = await read("all");
    expect(decisions.map(({ agentId }) => agentId)).toEqual([undefined, "a1"]);
    isOpen = true;
    expect((await read("all")).decisions).toEqual([]);
    expect(shipped).toHaveLength(2);
  });
});

describe("a transcript's lines", () => {
  it("are shipped once they are whole, each once", async () => {
    const whole = answer("a", "one");
    await writeFile(path, whole.slice(0, 50));
    await read();
    expect(shipped).toEqual([]);
    await appendFile(path, whole.slice(50));
    await read();
    await read();
    expect(uuids()).toEqual(["u-a"]);
  });

  it("may be longer than what is read at once", async () => {
    const text = "x".repeat(9_000_000);
    await writeFile(
      path,
      line({ uuid: "l", text }) + answer("b", "two") + line({ uuid: "m", text }),
    );
    expect(await texts()).toEqual(["two"]);
    expect(uuids()).toEqual(["l", "u-b", "m"]);
    expect(shipped[2]?.entry).toEqual({ uuid: "m", text });
  });

  it("wait on disk while they may not go, and say how much they are", async () => {
    isOpen = false;
    await writeFile(path, answer("a", "one"));
    await read();
    expect(shipped).toEqual([]);
    expect(follower.behind()).toBe(answer("a", "one").length);
    isOpen = true;
    expect((await read()).hasNews).toBe(true);
    expect(uuids()).toEqual(["u-a"]);
    expect(follower.behind()).toBe(0);
  });

  it("stop in the middle of a file when no more may go", async () => {
    const lines = Array.from({ length: 10 }, (_, n) => line({ uuid: `u-${n}` }));
    await writeFile(path, lines.join(""));
    const limited = createFollower({
      cursors,
      canShip: () => shipped.length < 4,
      placeOf: () => ({ projectKey: "-w", subpath: null }),
      ship: (_place, entry, id) => shipped.push({ subpath: null, entry, id }),
    });
    await limited.read(path, "all");
    expect(shipped).toHaveLength(4);
    follower = follow();
    await read();
    expect(uuids()).toEqual(lines.map((_, n) => `u-${n}`));
  });

  it("have the same ids without a uuid, wherever reading began", async () => {
    const lines = [
      line({ type: "mode", mode: "normal" }),
      line({ type: "mode", mode: "normal" }),
      answer("a", "one"),
      line({ type: "mode", mode: "normal" }),
    ];
    for (const each of lines) {
      await appendFile(path, each);
      await read();
    }
    const first = shipped.splice(0);
    expect(new Set(first.map(({ entry, id }) => entry["uuid"] ?? id)).size).toBe(4);
    cursors = {};
    follower = follow();
    await read();
    expect(shipped).toEqual(first);
  });

  it("are sent on, not again, by a relay that only has the cursors", async () => {
    const keeping = createFollower({
      cursors,
      canShip: () => true,
      placeOf: () => ({ projectKey: "-w", subpath: null }),
      ship: (_place, entry, id) => shipped.push({ subpath: null, entry, id }),
    });
    await writeFile(path, answer("a", "one") + line({ type: "mode" }));
    await keeping.read(path, "all");
    await appendFile(path, line({ type: "mode" }));
    follower = follow();
    await read();
    expect(shipped).toHaveLength(3);
    expect(kept()).toHaveLength(3);
  });
});

describe("a file that is not what it was", () => {
  const lines = [
    answer("a", "one"),
    line({ type: "mode" }),
    answer("b", "two"),
    line({ type: "x" }),
  ];

  it.each([
    ["shorter by its last line", async () => truncate(path, lines.slice(0, 3).join("").length)],
    [
      "without a line in its middle",
      async () => writeFile(path, [lines[0], lines[1], lines[3]].join("")),
    ],
    [
      "another one, and longer",
      async () => writeFile(path, line({ uuid: "n" }) + lines.join("") + lines.join("")),
    ],
  ])("is shipped again and loses nothing that comes later: %s", async (_name, change) => {
    await writeFile(path, lines.join(""));
    await read();
    await change();
    await read();
    await appendFile(path, answer("c", "three"));
    await read();
    const whole = (await readFile(path, "utf8")).trim().split("\n");
    const sent = kept().map(({ entry }) => JSON.stringify(entry));
    for (const each of whole) expect(sent).toContain(each);
    expect(sent.filter((each) => each.includes('"mode"'))).toHaveLength(1);
    expect(shipped.at(-1)?.entry["uuid"]).toBe("u-c");
  });

  it("is shipped again from its beginning when that is asked for", async () => {
    await writeFile(path, lines.join(""));
    await writeFile(below("subagents/agent-a1.meta.json"), line({ toolUseId: "t1" }));
    await read("all");
    const first = shipped.splice(0);
    follower.restart();
    expect((await read("all")).entries).toEqual([]);
    expect(shipped).toEqual(first);
  });
});

describe("subagents", () => {
  it("have transcripts of their own, in deeper folders too, and no tokens of the main agent", async () => {
    await writeFile(below("subagents/agent-a1.jsonl"), answer("c", "sub"));
    await writeFile(below("subagents/flow/agent-a2.jsonl"), answer("d", "deep"));
    await writeFile(below("subagents/flow/journal.jsonl"), answer("e", "none"));
    expect(await read("all")).toMatchObject({
      entries: [
        { messageId: "c", agentId: "a1" },
        { messageId: "d", agentId: "a2" },
      ],
      texts: [],
      agentTexts: ["sub", "deep"],
    });
    expect(shipped.map(({ subpath }) => subpath)).toEqual([
      "subagents/agent-a1",
      "subagents/flow/agent-a2",
      "subagents/flow/journal",
    ]);
  });

  it("have notes, which are shipped as the SDK does it, whenever they change", async () => {
    const note = (meta: object) =>
      writeFile(below("subagents/agent-a1.meta.json"), JSON.stringify(meta));
    await writeFile(below("subagents/agent-a1.jsonl"), answer("c", "sub"));
    for (const meta of [{ a: 1 }, { a: 1, finished: true }, { a: 1 }, { a: 1, finished: true }]) {
      await note(meta);
      await read("all");
      await read("all");
    }
    const notes = kept().filter(({ entry }) => entry["type"] === "agent_metadata");
    expect(notes.map(({ entry }) => entry)).toEqual([
      { type: "agent_metadata", a: 1 },
      { type: "agent_metadata", a: 1, finished: true },
      { type: "agent_metadata", a: 1 },
      { type: "agent_metadata", a: 1, finished: true },
    ]);
    expect(notes.every(({ subpath }) => subpath === "subagents/agent-a1")).toBe(true);
  });

  it("have notes that wait like lines, and a torn one is left for later", async () => {
    isOpen = false;
    await writeFile(below("subagents/agent-a1.meta.json"), '{"a":');
    await read("all");
    expect(follower.behind()).toBe(0);
    await writeFile(below("subagents/agent-a1.meta.json"), '{"a":1}');
    await read("all");
    expect(follower.behind()).toBeGreaterThan(0);
    isOpen = true;
    await read("all");
    expect(shipped).toMatchObject([{ entry: { type: "agent_metadata", a: 1 } }]);
    expect(follower.behind()).toBe(0);
  });
});
