import { limits, projectKeySchema, sessionIdSchema, subpathSchema } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { checkKey } from "../src/key.ts";
import { maxEntryBytes } from "../src/spooled-session.ts";
import { createStore, messages } from "./support/store.ts";

const good = { projectKey: "-home-ada", sessionId: "s-1", subpath: "subagents/agent-1" };
const values = `
  |a|-home-ada|_x|.hidden|..|a..b|a.|a/b|a//b|/a|a/|ä|a b|a.jsonl|a.jsonl/b|a/.b|a/../b|con|nul.txt|LPT1|a:b|a\\b
  |1/2/3/4/5/6/7/8|1/2/3/4/5/6/7/8/9`
  .split("|")
  .map((value) => value.trim())
  .concat("a\u0000", `a/${"x".repeat(221)}`)
  .concat([128, 129, 220, 221].map((length) => "x".repeat(length)));

function refusalOf(member: string, value: string): unknown {
  try {
    return checkKey({ ...good, [member]: value });
  } catch (error) {
    return (error as Error).message.startsWith(`${member} ${JSON.stringify(value)} must be `);
  }
}

describe.each([
  ["projectKey", projectKeySchema],
  ["sessionId", sessionIdSchema],
  ["subpath", subpathSchema],
] as const)("a key's %s", (member, schema) => {
  it.each(values)("%j is taken or refused as by the service", (value) => {
    const isTaken = schema.safeParse(value).success;
    expect(refusalOf(member, value)).toBe(isTaken ? undefined : true);
  });

  it("is refused by every call before anything is stored", async () => {
    const store = createStore({ serviceUrl: "http://127.0.0.1:9" });
    const key = { ...good, [member]: "../x" };
    const calls = [
      store.append(key, messages(1)),
      store.load(key),
      store.delete(key),
      ...(member === "subpath" ? [] : [store.listSubkeys(key)]),
      ...(member === "projectKey"
        ? [store.listSessions("../x"), store.listSessionSummaries("../x")]
        : []),
    ];
    for (const call of calls)
      await expect(call).rejects.toMatchObject({
        name: "SessionStoreError",
        code: "invalid",
        message: expect.stringMatching(`^${member} "../x" must be `) as string,
      });
  });
});

it("knows the service's limit of an entry", () => {
  expect(maxEntryBytes).toBeLessThan(limits.entryBytes);
  expect(maxEntryBytes).toBeGreaterThan(limits.entryBytes - 10_000);
});
