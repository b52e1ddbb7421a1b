import { describe, expect, it } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { createStore, messages, newKey } from "./support/store.ts";

const shared = shareService();
const open = () => createStore({ serviceUrl: shared.current.url });
const idsOf = (rows: readonly { sessionId: string }[]) =>
  rows.map(({ sessionId }) => sessionId).toSorted();

describe("what the SDK asks of an adapter", () => {
  it("gives back what was appended, entry by entry and in order", async () => {
    const store = open();
    const key = newKey();
    const entries = [
      {
        type: "user",
        uuid: "a",
        message: { content: "ä \u2028 \u0000 😀", list: [[{ x: null }]] },
      },
      { type: "mode", b: 1, a: 2, "": "", "10": 1, "9": 2 },
      { type: "summary", uuid: "c", offset: 7, seq: 9, _c: "x", entry: { entry: 1 }, id: "mine" },
    ];
    await store.append(key, entries);
    expect(await store.load(key)).toEqual(entries);
  });

  it("gives null for a key that was never written", async () => {
    const store = open();
    const key = newKey();
    expect(await store.load(key)).toBeNull();
    await store.append(key, messages(1));
    expect(await store.load({ ...key, subpath: "subagents/agent-1" })).toBeNull();
    expect(await store.load({ ...key, projectKey: "another" })).toBeNull();
  });

  it("keeps several appends in the order of their calls, awaited or not", async () => {
    const store = open();
    const key = newKey();
    const batches = [messages(3), messages(2, 3), messages(4, 5)];
    await store.append(key, batches[0] ?? []);
    await Promise.all(batches.slice(1).map((batch) => store.append(key, batch)));
    expect(await store.load(key)).toEqual(batches.flat());
  });

  it("writes nothing for an empty batch", async () => {
    const store = open();
    const key = newKey();
    await store.append(key, []);
    expect(await store.load(key)).toBeNull();
    expect(await store.listSessions(key.projectKey)).toEqual([]);
    expect(await store.flush()).toBe(true);
    await expect(shared.current.events(key.sessionId)).rejects.toThrow("session_not_found");
  });

  it("keeps a subagent's transcript apart from the main one", async () => {
    const store = open();
    const key = newKey();
    const below = { ...key, subpath: "subagents/agent-1" };
    const [main, subagent] = [messages(2), messages(3)];
    await store.append(key, main);
    await store.append(below, subagent);
    expect(await store.load(key)).toEqual(main);
    expect(await store.load(below)).toEqual(subagent);
  });

  it("keeps projects apart, also with the same session id", async () => {
    const store = open();
    const one = newKey();
    const two = newKey({ sessionId: one.sessionId });
    const [first, second] = [messages(1), messages(2)];
    await store.append(one, first);
    await store.append(two, second);
    expect(await store.load(one)).toEqual(first);
    expect(await store.load(two)).toEqual(second);
    expect(idsOf(await store.listSessions(one.projectKey))).toEqual([one.sessionId]);
  });

  it("lists a project's sessions with the time of their last entry in milliseconds", async () => {
    const store = open();
    const one = newKey();
    const two = newKey({ projectKey: one.projectKey });
    const before = Date.now() - 60_000;
    await store.append(one, messages(1));
    await store.append(two, messages(1));
    const sessions = await store.listSessions(one.projectKey);
    expect(idsOf(sessions)).toEqual([one.sessionId, two.sessionId].toSorted());
    for (const { mtime } of sessions) {
      expect(Number.isInteger(mtime)).toBe(true);
      expect(mtime).toBeGreaterThan(before);
    }
    expect(await store.listSessions("unknown")).toEqual([]);
  });

  it("does not list a session that has only a subagent's transcript", async () => {
    const store = open();
    const key = newKey({ subpath: "subagents/agent-1" });
    await store.append(key, messages(1));
    expect(await store.listSessions(key.projectKey)).toEqual([]);
    expect(await store.listSessionSummaries(key.projectKey)).toEqual([]);
  });

  it("deletes a transcript, and does not mind one that is not there", async () => {
    const store = open();
    const key = newKey();
    await store.delete(key);
    await store.append(key, messages(1));
    await store.delete(key);
    expect(await store.load(key)).toBeNull();
    expect(await store.listSessions(key.projectKey)).toEqual([]);
  });

  it("deletes with a main transcript those below it, and no other", async () => {
    const store = open();
    const key = newKey();
    const below = { ...key, subpath: "subagents/agent-1" };
    const neighbour = newKey({ projectKey: key.projectKey, subpath: "subagents/agent-1" });
    const elsewhere = newKey({ sessionId: key.sessionId });
    for (const each of [key, below, neighbour, elsewhere]) await store.append(each, messages(1));
    await store.delete(key);
    expect(await store.load(below)).toBeNull();
    expect(await store.listSubkeys(key)).toEqual([]);
    expect(await store.load(neighbour)).toHaveLength(1);
    expect(await store.load(elsewhere)).toHaveLength(1);
  });

  it("deletes one transcript below the main one alone", async () => {
    const store = open();
    const key = newKey();
    const [one, two] = ["agent-1", "agent-12"].map((id) => ({
      ...key,
      subpath: `subagents/${id}`,
    }));
    for (const each of [key, one, two]) if (each) await store.append(each, messages(1));
    if (one) await store.delete(one);
    expect(await store.load(key)).toHaveLength(1);
    expect(await store.listSubkeys(key)).toEqual(["subagents/agent-12"]);
  });

  it("lists the transcripts below a session's main one, of that session and project only", async () => {
    const store = open();
    const key = newKey();
    const others = [
      newKey({ projectKey: key.projectKey, subpath: "subagents/agent-8" }),
      newKey({ sessionId: key.sessionId, subpath: "subagents/agent-9" }),
    ];
    const subpaths = ["subagents/agent-1", "subagents/workflows/run-1/agent-2"];
    for (const subpath of subpaths) await store.append({ ...key, subpath }, messages(1));
    for (const other of others) await store.append(other, messages(1));
    expect((await store.listSubkeys(key)).toSorted()).toEqual(subpaths);
  });

  it("does not list the main transcript among those below it, and none of an unknown session", async () => {
    const store = open();
    const key = newKey();
    expect(await store.listSubkeys(key)).toEqual([]);
    await store.append(key, messages(1));
    expect(await store.listSubkeys(key)).toEqual([]);
  });
});
