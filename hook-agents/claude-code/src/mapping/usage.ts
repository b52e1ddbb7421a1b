/** Tokens, cumulative. Input tokens are the ones that no cache gave. */
export interface Tokens {
  inputTokens: number;
  outputTokens: number;
  cacheReadInputTokens: number;
  cacheCreationInputTokens: number;
}

/** One line of a transcript that tells usage. The same message is on a line for each of its blocks. */
export interface TranscriptEntry {
  readonly messageId: string;
  readonly model: string;
  /** Of the subagent whose transcript it is; undefined in the main one. */
  readonly agentId?: string;
  readonly tokens: Tokens;
}

export interface Usage {
  total: Tokens;
  byModel: Record<string, Tokens>;
  byAgent: Record<string, Tokens>;
  /** Of the main agent, since the last response. */
  turn: Tokens;
  /** What was counted for the latest messages, because a later line may know better. */
  counted: { messageId: string; tokens: Tokens }[];
}

/** Lines of one message stand together, those of parallel agents are in files of their own. */
const countedMessages = 32;

export const noTokens = (): Tokens => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreationInputTokens: 0,
});

export const noUsage = (): Usage => ({
  total: noTokens(),
  byModel: {},
  byAgent: {},
  turn: noTokens(),
  counted: [],
});

/** Counts each message once, whatever number of lines it has. @returns whether anything was new */
export function countUsage(usage: Usage, entries: readonly TranscriptEntry[]): boolean {
  let changed = false;
  for (const entry of entries) {
    const before = usage.counted.find(({ messageId }) => messageId === entry.messageId);
    const more = subtract(entry.tokens, before?.tokens ?? noTokens());
    if (before) before.tokens = entry.tokens;
    else usage.counted.push({ messageId: entry.messageId, tokens: entry.tokens });
    usage.counted = usage.counted.slice(-countedMessages);
    if (Object.values(more).every((tokens) => tokens === 0)) continue;

    changed = true;
    usage.total = add(usage.total, more);
    usage.byModel[entry.model] = add(usage.byModel[entry.model] ?? noTokens(), more);
    if (entry.agentId === undefined) usage.turn = add(usage.turn, more);
    else usage.byAgent[entry.agentId] = add(usage.byAgent[entry.agentId] ?? noTokens(), more);
  }
  return changed;
}

const names = [
  "inputTokens",
  "outputTokens",
  "cacheReadInputTokens",
  "cacheCreationInputTokens",
] as const;
function combine(a: Tokens, b: Tokens, sign: 1 | -1): Tokens {
  const tokens = noTokens();
  for (const name of names) tokens[name] = a[name] + sign * b[name];
  return tokens;
}
const add = (a: Tokens, b: Tokens) => combine(a, b, 1);
const subtract = (a: Tokens, b: Tokens) => combine(a, b, -1);
