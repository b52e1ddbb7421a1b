import type { Connection, HookAgent } from "@sessions/hook-agent";

import { membersOf } from "./model-call.ts";
import { addTokens, noTokens, type Tokens } from "./tokens.ts";

/** The tokens of a session, over the lives of its processes. */
export interface Usage {
  /** Begins to ask what processes before this one have counted; nobody waits for it. */
  ask(): void;
  add(tokens: Tokens): void;
  /** Undefined while it is not known what was counted before. */
  total(): Tokens | undefined;
  /** From here on what is not known counts for nothing; undefined when nothing was counted here. */
  settle(): Tokens | undefined;
}

/** By agent and not by handler: many make a handler for each run of a graph. */
const usages = new WeakMap<HookAgent, Usage>();

export function usageOf(agent: HookAgent): Usage {
  const usage = usages.get(agent) ?? createUsage(agent);
  usages.set(agent, usage);
  return usage;
}

/** What is learned is told with the next event and never by itself: after its end a session would open again. */
function createUsage(agent: HookAgent): Usage {
  let before: Tokens | undefined;
  let own = noTokens;
  let isAsking = false;
  const total = () => before && addTokens(before, own);
  return {
    total,
    ask() {
      if (before !== undefined || isAsking) return;
      const connection = agent.connection();
      if (connection === null) return;
      isAsking = true;
      readUsage(connection)
        .then((found) => (before ??= found))
        .catch(() => undefined)
        .finally(() => (isAsking = false));
    },
    add(tokens) {
      own = addTokens(own, tokens);
    },
    settle() {
      if (own === noTokens) return undefined;
      before ??= noTokens;
      return total();
    },
  };
}

/** Rejects when there is no answer; a refusal is one, and says that there is nothing to add to. */
async function readUsage({ serviceUrl, token, sessionId }: Connection): Promise<Tokens> {
  const response = await fetch(`${serviceUrl.replace(/\/+$/, "")}/api/state/${sessionId}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status >= 500) throw new Error(`the service answered ${response.status}`);
  const usage = new Map(Object.entries(membersOf(await response.json(), "usage") ?? {}));
  const tokens = Object.keys(noTokens).map((name) => [name, Number(usage.get(name)) || 0]);
  return Object.fromEntries(tokens) as Tokens;
}
