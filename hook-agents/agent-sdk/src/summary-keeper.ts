import type { FoldSessionSummary, SessionKey, SessionStoreEntry } from "./api.ts";
import type { SpooledSession } from "./spooled-session.ts";
import type { ListedSummary, StoreClient } from "./store-client.ts";
import { type Folded, foldOn, foldTail, keep, nothingFolded } from "./summary.ts";

export interface SummaryKeeperOptions {
  readonly client: StoreClient;
  loadFold(): Promise<FoldSessionSummary | undefined>;
}

/** Brings the summaries at the service up behind the appends, never in their way. */
export interface SummaryKeeper {
  /** An append to a main transcript begins. @returns what to call once its entries are spooled */
  appending(session: SpooledSession, key: SessionKey): (entries: SessionStoreEntry[]) => void;
  /** Brings up what the service has the entries for. Never rejects: a listing does what is missing. */
  catchUp(): Promise<void>;
  forget(key: SessionKey): void;
  close(): void;
}

/** What this process knows of one main transcript. */
interface Known {
  readonly key: SessionKey;
  session: SpooledSession;
  /** The `seq` of the summary that the service keeps. */
  base: number;
  /** That summary and what was appended here since, as if nobody else wrote; undefined when somebody did. */
  folded: Folded | undefined;
  /** Spooled, and folded once the SDK's function is loaded. */
  unfolded: SessionStoreEntry[];
  /** Of the session's agent: one more means that an entry here may not have been a new one. */
  duplicates: number;
  /** Counts beginnings and ends of appends. */
  changes: number;
  isBehind: boolean;
}

const everyMs = 1_000;
/** Transcripts that are known; of others the kept summary is asked for. */
const knownAtMost = 1_000;

export function createSummaryKeeper({ client, loadFold }: SummaryKeeperOptions): SummaryKeeper {
  const all = new Map<string, Known>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;

  /** @returns false when it has to be tried again, because there was an append meanwhile */
  const bringUp = async (known: Known, fold: FoldSessionSummary): Promise<boolean> => {
    const { key, session, changes } = known;
    foldUnfolded(known, fold);
    const listed = await client.getSummary(key);
    if (known.changes !== changes) return false;
    if (listed === undefined) return true;
    const own = isOwn(known, listed) ? known.folded : undefined;
    const folded = own ?? (await foldTail(client, fold, key, listed.summary));
    const base = folded && (await keep(client, key, folded, listed.summary?.seq ?? 0));
    const isUnchanged = known.changes === changes;
    if (base === undefined) known.folded = undefined;
    else if (own) known.base = base;
    // What was appended meanwhile may be in what was read, or not.
    else if (!isUnchanged) known.folded = undefined;
    else Object.assign(known, { base, folded, duplicates: session.duplicates() });
    return isUnchanged;
  };

  const foldSoon = async (known: Known) => {
    const fold = await loadFold();
    try {
      if (fold) foldUnfolded(known, fold);
    } catch {
      // Thrown here by the SDK's function it would end the process.
      known.folded = undefined;
    }
  };

  const run = async () => {
    const fold = await loadFold();
    for (const known of all.values()) {
      if (isClosed || !known.isBehind) continue;
      // Waiting until the service has everything would keep the process alive.
      if (fold && !known.session.isIdle()) continue;
      known.isBehind = false;
      try {
        if (fold && !(await bringUp(known, fold))) known.isBehind = true;
      } catch {
        // The service is away, or refuses: the next listing reads what is missing.
        known.folded = undefined;
      }
    }
    if ([...all.values()].some(({ isBehind }) => isBehind)) schedule();
  };

  const catchUp = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return (running = running.then(run));
  };

  const schedule = () => {
    if (!isClosed) timer ??= setTimeout(() => void catchUp(), everyMs).unref();
  };

  const know = (session: SpooledSession, key: SessionKey): Known => {
    const name = nameOf(key);
    const known: Known = all.get(name) ?? {
      key,
      session,
      base: 0,
      // Right for a new transcript; of one that was there before the service has more entries.
      folded: nothingFolded,
      unfolded: [],
      duplicates: 0,
      changes: 0,
      isBehind: false,
    };
    // Another agent counts anew.
    if (known.session !== session) Object.assign(known, { session, folded: undefined });
    // Moved to the end: the longest unused are forgotten first.
    all.delete(name);
    all.set(name, known);
    for (const [oldest, { isBehind }] of all) {
      if (all.size <= knownAtMost) break;
      if (!isBehind) all.delete(oldest);
    }
    return known;
  };

  return {
    appending(session, key) {
      const known = know(session, key);
      known.changes += 1;
      return (entries) => {
        known.changes += 1;
        known.isBehind = true;
        if (known.folded) known.unfolded.push(...entries);
        void foldSoon(known);
        schedule();
      };
    },
    catchUp,
    forget: (key) => void all.delete(nameOf(key)),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** True when every entry since the kept summary was appended here: none of them was a duplicate, and there are no others. */
function isOwn({ folded, base, session, duplicates }: Known, listed: ListedSummary): boolean {
  if (folded === undefined || session.duplicates() !== duplicates) return false;
  return listed.seq === folded.seq && (listed.summary?.seq ?? 0) === base;
}

function foldUnfolded(known: Known, fold: FoldSessionSummary): void {
  const entries = known.unfolded.splice(0);
  if (entries.length > 0 && known.folded)
    known.folded = foldOn(fold, known.folded, known.key, entries);
}

function nameOf({ projectKey, sessionId }: SessionKey): string {
  return `${projectKey}/${sessionId}`;
}
