import type { FoldSessionSummary, SessionKey, SessionStoreEntry } from "./api.ts";
import type { SpooledSession } from "./spooled-session.ts";
import type { StoreClient } from "./store-client.ts";
import { type Folded, foldOn, foldTail, isEntryAt, keep, nothingFolded } from "./summary.ts";

export interface SummaryKeeperOptions {
  readonly client: StoreClient;
  loadFold(): Promise<FoldSessionSummary | undefined>;
}

/** Brings the summaries at the service up behind the appends, never in their way. */
export interface SummaryKeeper {
  /** Entries of a main transcript are spooled. */
  appended(session: SpooledSession, key: SessionKey, entries: readonly SessionStoreEntry[]): void;
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
  /** That summary and what was appended here since, as if nobody else wrote; undefined when somebody may have. */
  folded: Folded | undefined;
  lastEntry: SessionStoreEntry | undefined;
  /** Spooled, and folded once the SDK's function is loaded. */
  unfolded: SessionStoreEntry[];
  /** Of the session's agent: one more means that an entry here may not have been a new one. */
  duplicates: number;
  appends: number;
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

  /** @returns false when somebody else wrote, or may have */
  const keepOwn = async ({ ...known }: Known, write: Known): Promise<boolean> => {
    const { key, session, folded, lastEntry, base } = known;
    if (folded === undefined || lastEntry === undefined) return false;
    // All were new, and the last one stands where it should: then nothing stands between them.
    if (session.duplicates() !== known.duplicates) return false;
    if (!(await isEntryAt(client, key, folded.seq, lastEntry))) return false;
    const kept = await keep(client, key, folded, base);
    if (kept === undefined) return false;
    write.base = kept;
    return true;
  };

  const keepTail = async (known: Known, fold: FoldSessionSummary): Promise<void> => {
    const { key, session, appends } = known;
    known.folded = undefined;
    known.unfolded = [];
    const listed = await client.getSummary(key);
    const folded = listed && (await foldTail(client, fold, key, listed.summary));
    const kept = folded && (await keep(client, key, folded, listed.summary?.seq ?? 0));
    // What was appended meanwhile may be in it or not.
    if (kept === undefined || known.appends !== appends) return;
    Object.assign(known, { folded, base: kept, duplicates: session.duplicates() });
  };

  const bringUp = async (known: Known, fold: FoldSessionSummary) => {
    const { appends } = known;
    try {
      if (!(await keepOwn(known, known))) await keepTail(known, fold);
    } catch {
      // The service is away, or refuses: the next listing reads what is missing.
      known.folded = undefined;
    }
    known.isBehind = known.appends !== appends;
  };

  const run = async () => {
    const fold = await loadFold();
    for (const known of all.values()) {
      if (!known.isBehind || isClosed) continue;
      if (!fold) known.isBehind = false;
      // Waiting for it here would keep the process alive.
      else if (known.session.isIdle()) await bringUp(known, fold);
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
    const known = all.get(name) ?? {
      key,
      session,
      base: 0,
      // Right for a new transcript; for one that was there before, the last entry will not stand where it should.
      folded: nothingFolded,
      lastEntry: undefined,
      unfolded: [],
      duplicates: 0,
      appends: 0,
      isBehind: false,
    };
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
    appended(session, key, entries) {
      const known = know(session, key);
      // Another agent counts anew.
      if (known.session !== session) Object.assign(known, { session, folded: undefined });
      known.appends += 1;
      known.isBehind = true;
      if (known.folded) known.unfolded.push(...entries);
      void loadFold().then((fold) => {
        if (fold) foldUnfolded(known, fold);
      });
      schedule();
    },
    catchUp,
    forget: (key) => void all.delete(nameOf(key)),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function foldUnfolded(known: Known, fold: FoldSessionSummary): void {
  const entries = known.unfolded.splice(0);
  if (entries.length === 0 || known.folded === undefined) return;
  known.folded = foldOn(fold, known.folded, known.key, entries);
  known.lastEntry = entries.at(-1);
}

function nameOf({ projectKey, sessionId }: SessionKey): string {
  return `${projectKey}/${sessionId}`;
}
