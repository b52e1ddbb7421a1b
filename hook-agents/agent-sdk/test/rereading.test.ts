import { expect, it } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { loadAgentSdk, refold } from "./support/agent-sdk.ts";
import { startCountingProxy } from "./support/reads.ts";
import { createStore, messages, newKey } from "./support/store.ts";

const sdk = await loadAgentSdk();
const shared = shareService();

it.skipIf(!sdk)(
  "reads for summaries only the ends of transcripts, and none of its own",
  async () => {
    if (!sdk) return;
    const { foldSessionSummary } = sdk;
    const proxy = await startCountingProxy(shared.current.port);
    const store = createStore({ serviceUrl: proxy.url, foldSessionSummary });
    const key = newKey();
    const entries = messages(500);
    for (let from = 0; from < 400; from += 50) {
      await store.append(key, entries.slice(from, from + 50));
      await store.flush({ timeoutMs: 10_000 });
    }
    expect(proxy.entriesRead()).toBe(0);

    const other = createStore({ serviceUrl: shared.current.url, foldSessionSummary });
    await other.append(key, entries.slice(400, 450));
    await other.close({ timeoutMs: 10_000 });
    expect(await store.listSessionSummaries(key.projectKey)).toHaveLength(1);
    expect(proxy.entriesRead()).toBe(0);

    // Now somebody else was in between: what came after the kept summary is read, once.
    await store.append(key, entries.slice(450, 480));
    await store.flush({ timeoutMs: 10_000 });
    expect(proxy.entriesRead()).toBe(30);
    await store.append(key, entries.slice(480));
    await store.flush({ timeoutMs: 10_000 });
    expect(proxy.entriesRead()).toBe(30);
    const [summary] = await store.listSessionSummaries(key.projectKey);
    expect(summary?.data).toEqual(refold(sdk, key, entries));
  },
);
