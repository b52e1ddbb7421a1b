import { describe, expect, it } from "vitest";

import { freePort, shareService } from "../../../node/test/support/service.ts";
import { createSessionEntries } from "../../src/saving/session-entries.ts";
import { entryStoreContract } from "../support/entry-store-contract.ts";
import { createSession } from "../support/session.ts";

const shared = shareService();
const create = (serviceUrl = shared.current.url) =>
  createSessionEntries(createSession(serviceUrl).agent, 10_000);

entryStoreContract(create);

describe("a session's entries", () => {
  it("wait when the service is away, and reading says that it is", async () => {
    const entries = create(`http://127.0.0.1:${await freePort()}`);
    entries.append("t/g1", { n: 1 });
    expect(await entries.settle(50)).toBe(false);
    await expect(entries.read("t/g1", 0)).rejects.toMatchObject({ isTemporary: true });
  });

  it("tell what the service has refused for good", async () => {
    const entries = create();
    entries.append("t/not.allowed.jsonl", { n: 1 });
    await expect(entries.settle(10_000)).rejects.toMatchObject({
      name: "EntryStoreError",
      isTemporary: false,
    });
    entries.append("t/g1", { n: 1 });
    expect(await entries.settle(10_000)).toBe(true);
  });

  it("need a session", () => {
    const session = createSession(shared.current.url, "");
    expect(() => createSessionEntries(session.agent, 1)).toThrow(/set SESSION_ID/);
  });
});
