import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { loadAgentSdk } from "./support/agent-sdk.ts";
import { conversation, writeLocalSession } from "./support/local-session.ts";
import { createStore } from "./support/store.ts";

const loaded = await loadAgentSdk();
const shared = shareService();

describe.skipIf(!loaded)("the SDK's functions with the store", () => {
  const sdk = loaded as NonNullable<typeof loaded>;
  let config = "";
  let dir = "";
  beforeEach(() => {
    config = temporaryDirectory();
    dir = realpathSync(temporaryDirectory());
    vi.stubEnv("CLAUDE_CONFIG_DIR", config);
    return () => vi.unstubAllEnvs();
  });

  const open = () => {
    const sessionStore = createStore({
      serviceUrl: shared.current.url,
      foldSessionSummary: sdk.foldSessionSummary,
    });
    return { dir, sessionStore };
  };
  const keyOf = (sessionId: string) => ({
    projectKey: dir.replace(/[^A-Za-z0-9]/g, "-"),
    sessionId,
  });

  it("import a local session, again and again, and after it grew, into the same transcript", async () => {
    const local = writeLocalSession(config, dir);
    const { sessionStore } = open();
    const key = keyOf(local.sessionId);
    const below = { ...key, subpath: `subagents/agent-${local.agentId}` };
    const check = async () => {
      expect(await sessionStore.load(key)).toEqual(local.main);
      expect(await sessionStore.load(below)).toEqual([...local.subagent, local.metadata]);
    };
    for (const store of [open().sessionStore, sessionStore, sessionStore]) {
      await sdk.importSessionToStore(local.sessionId, store, { dir });
      await store.flush();
    }
    await check();
    local.grow(conversation(local.sessionId, 3));
    await sdk.importSessionToStore(local.sessionId, sessionStore, { dir });
    await check();
    await sdk.deleteSession(local.sessionId, { dir, sessionStore });
    expect(await sessionStore.load(below)).toBeNull();
    await sdk.importSessionToStore(local.sessionId, sessionStore, { dir });
    await check();
  });

  it("list sessions, latest first, as the SDK would from the transcripts", async () => {
    const target = open();
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const sessionId of ids) {
      await target.sessionStore.append(keyOf(sessionId), conversation(sessionId, 2));
      await target.sessionStore.flush();
    }
    await sdk.renameSession(ids[0] ?? "", "Renamed", target);
    await target.sessionStore.flush();
    await sdk.tagSession(ids[1] ?? "", "tagged", target);
    await target.sessionStore.flush();
    const listed = await sdk.listSessions(open());
    expect(listed).toMatchObject([
      { sessionId: ids[1], tag: "tagged", firstPrompt: "question 0" },
      { sessionId: ids[0], summary: "Renamed", customTitle: "Renamed" },
      { sessionId: ids[2] },
    ]);
    for (const { sessionId, summary, customTitle, firstPrompt, tag } of listed) {
      const read = await sdk.getSessionInfo(sessionId, target);
      expect(read).toMatchObject({ sessionId, summary, customTitle, firstPrompt, tag });
    }
    expect(await sdk.listSessions({ ...open(), limit: 1 })).toEqual([listed[0]]);
  });

  it("read a session's messages and its subagents'", async () => {
    const local = writeLocalSession(config, dir);
    const target = open();
    await sdk.importSessionToStore(local.sessionId, target.sessionStore, { dir });
    const messages = await sdk.getSessionMessages(local.sessionId, target);
    const said = local.main.filter(({ type }) => type === "user" || type === "assistant");
    expect(messages.map(({ uuid }) => uuid)).toEqual(said.map(({ uuid }) => uuid));
    expect(await sdk.listSubagents(local.sessionId, target)).toEqual([local.agentId]);
    const theirs = await sdk.getSubagentMessages(local.sessionId, local.agentId, target);
    expect(theirs).toHaveLength(4);
  });

  it("fork a session into one that goes on by itself", async () => {
    const target = open();
    const sessionId = randomUUID();
    await target.sessionStore.append(keyOf(sessionId), conversation(sessionId, 3));
    const fork = await sdk.forkSession(sessionId, target);
    const forked = await sdk.getSessionMessages(fork.sessionId, target);
    const original = await sdk.getSessionMessages(sessionId, target);
    expect(forked.map(({ message }) => message)).toEqual(original.map(({ message }) => message));
    expect(forked[0]?.uuid).not.toBe(original[0]?.uuid);
    await sdk.deleteSession(sessionId, target);
    expect(await sdk.getSessionMessages(sessionId, target)).toEqual([]);
    expect(await sdk.getSessionMessages(fork.sessionId, target)).toHaveLength(6);
    const ids = (await sdk.listSessions(target)).map((info) => info.sessionId);
    expect(ids).toEqual([fork.sessionId]);
  });

  it("take a working directory whose name is longer than the SDK's own limit", async () => {
    const store = open().sessionStore;
    const target = { dir: `/${"long/".repeat(60)}`, sessionStore: store };
    const sessionId = randomUUID();
    await sdk.renameSession(sessionId, "Far away", target);
    expect(await sdk.listSessions(target)).toMatchObject([{ sessionId, customTitle: "Far away" }]);
    const { activity, labels } = await shared.current.metadata(sessionId);
    expect([activity.status, labels]).toEqual(["idle", { source: "agent-sdk" }]);
  });
});
