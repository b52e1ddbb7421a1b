import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

import type { Config } from "../config.ts";
import { isObject, textOf } from "../mapping/payload.ts";
import { leaveHandOver } from "../relay/hand-over.ts";
import { openOwner, type Owner } from "../relay/owner.ts";
import { newNotes, notesFolderOf, readNotes, type SessionNotes } from "../relay/session-file.ts";
import { createServiceClient, type ServiceClient } from "../service-client.ts";
import { folderNameOf } from "../transcripts/place.ts";
import { claimLease, type Claim } from "./claim.ts";
import { type FoundSession, type FoundTranscripts, findSession, findTranscripts } from "./find.ts";
import { RestoreError, type RestoreOptions } from "./options.ts";
import { type Restored, restoreFiles } from "./restore-files.ts";
import { isRunningHere } from "./running-here.ts";
import { seedMapping } from "./seed.ts";

/** What was restored and how to go on. */
export interface RestoreReport {
  /** Of the service: the one that is recorded from now on. */
  readonly sessionId: string;
  /** Of Claude, as `claude --resume` wants it. */
  readonly claudeSession: string;
  readonly parentSession?: string;
  readonly cwd: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly transcripts: Restored["transcripts"];
  readonly lease: { readonly owner: string; readonly epoch: number } | null;
}

/** Puts a session's transcripts where the CLI resumes them. Throws `RestoreError` and `Refusal`. */
export async function restore(config: Config, options: RestoreOptions): Promise<RestoreReport> {
  const id = options.id ?? config.sessionId;
  if (id === undefined)
    throw new RestoreError("usage", "which session? Name it, or set SESSION_ID");
  const cwd = await workingDirectory(options.cwd);
  const client = createServiceClient(config.serviceUrl, config.token);
  const owner = openOwner(config.spoolDirectory);
  const { session, claudeSession: wanted } = await findSession(client, id, config.sessionId);
  const found = await findOrRefuse(client, session, wanted);
  const job = { config, client, owner, session, found, cwd };
  const runsHere = await isRunningHere(config.port, found.claudeSession);
  if (options.fork) return fork(job, runsHere);
  if (runsHere) {
    const message = `Claude runs here with session ${found.claudeSession}: end it first, or go on in a copy with --fork`;
    throw new RestoreError("running_here", message, { sessionId: session.sessionId });
  }

  const { sessionId } = session;
  const { force } = options;
  const { leaseMs: ttlMs } = config;
  const claim = await claimLease({ client, sessionId, owner, ttlMs, force });
  try {
    const report = await takeOver(job, wanted, claim);
    claim.keep();
    return report;
  } catch (error) {
    await claim.giveBack();
    throw error;
  }
}

interface Job {
  readonly config: Config;
  readonly client: ServiceClient;
  readonly owner: Owner;
  readonly session: FoundSession;
  readonly found: FoundTranscripts;
  readonly cwd: string;
}

async function takeOver(
  job: Job,
  wanted: string | undefined,
  { epoch }: Claim,
): Promise<RestoreReport> {
  const { config, client, owner, session, cwd } = job;
  const { sessionId } = session;
  // Again: under the lease nobody adds to them any more.
  const found = await findOrRefuse(client, session, wanted);
  const path = mainPathOf(config, cwd, found.claudeSession);
  const restored = await restoreFiles({ client, sessionId, found, path, sends: { epoch } });
  const seeded = seedMapping(session, restored.told);
  const known = ownNotes(job);
  const notes: SessionNotes = {
    ...newNotes(found.claudeSession, sessionId),
    session: known?.session ?? sessionOptionsOf(session),
    mapping: known ? { ...known.mapping, usage: seeded.usage } : seeded,
    cursors: restored.cursors,
    transcriptPath: path,
    place: found.main,
    restored: tell(job, restored, epoch),
  };
  leaveHandOver(config.spoolDirectory, {
    id: randomUUID(),
    notes,
    ...(epoch !== undefined && { epoch }),
  });
  return {
    sessionId,
    claudeSession: found.claudeSession,
    cwd,
    command: resume(found),
    transcripts: restored.transcripts,
    lease: epoch === undefined ? null : { owner: owner.name, epoch },
  };
}

/** Whoever wrote last knows best what was going on, also what the service has not been told yet. */
function ownNotes({ config, owner, session, found }: Job): SessionNotes | undefined {
  const wroteLast = owner.isSelf(textOf(session.metadata["lease"], "owner"));
  if (!wroteLast) return undefined;
  const notes = readNotes(notesFolderOf(config.spoolDirectory), found.claudeSession, silent);
  return notes?.sessionId === session.sessionId ? notes : undefined;
}
/** The relay tells what is wrong with its files. */
const silent = { info() {}, warn() {} };

/** The CLI makes the copy; that it is one of this session only we know. */
async function fork(job: Job, runsHere: boolean): Promise<RestoreReport> {
  const { config, client, session, found, cwd } = job;
  const path = mainPathOf(config, cwd, found.claudeSession);
  // What Claude writes at this moment is no one else's to touch; it is all there.
  const isThere = runsHere && (await stat(path).catch(() => undefined)) !== undefined;
  const restored = await restoreFiles({
    client,
    sessionId: session.sessionId,
    path,
    found: isThere ? { ...found, names: [] } : found,
  });
  const claudeSession = randomUUID();
  leaveHandOver(config.spoolDirectory, {
    id: randomUUID(),
    notes: {
      ...newNotes(claudeSession, claudeSession, session.sessionId),
      restored: { ...tell(job, restored, undefined), forkOf: session.sessionId },
    },
  });
  return {
    sessionId: claudeSession,
    claudeSession,
    parentSession: session.sessionId,
    cwd,
    command: [...resume(found), "--fork-session", "--session-id", claudeSession],
    transcripts: restored.transcripts,
    lease: null,
  };
}

async function findOrRefuse(
  client: ServiceClient,
  { sessionId }: FoundSession,
  wanted: string | undefined,
): Promise<FoundTranscripts> {
  const found = await findTranscripts(client, sessionId, wanted);
  if (found) return found;
  throw new RestoreError("not_found", `session ${sessionId} has no transcript of Claude Code`);
}

async function workingDirectory(given = "."): Promise<string> {
  const path = resolve(given);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw new RestoreError("usage", `${path} is no folder`);
  // The CLI names its folder by what links lead to.
  return realpathSync(path);
}

const resume = ({ claudeSession }: FoundTranscripts) => ["claude", "--resume", claudeSession];

const mainPathOf = (config: Config, cwd: string, claudeSession: string) =>
  join(
    config.claudeDirectory,
    "projects",
    config.claudeProject ?? folderNameOf(cwd),
    `${claudeSession}.jsonl`,
  );

/** What the session is created with should it have gone meanwhile. */
function sessionOptionsOf({ metadata }: FoundSession): NonNullable<SessionNotes["session"]> {
  const { labels } = metadata;
  const [userId, name] = [textOf(metadata, "userId"), textOf(metadata, "name")];
  return {
    ...(isObject(labels) && { labels: labels as Record<string, string> }),
    ...(userId !== undefined && { userId }),
    ...(name !== undefined && { name }),
  };
}

/** The action `session_restored`. */
function tell(
  { session, found, owner, cwd }: Job,
  { transcripts }: Restored,
  epoch: number | undefined,
): Record<string, unknown> {
  const { metadata, state } = session;
  return {
    claudeSession: found.claudeSession,
    from: {
      host: textOf(metadata["labels"], "host") ?? null,
      workingDirectory:
        textOf(state["workspace"], "workingDirectory") ??
        textOf(metadata, "workingDirectory") ??
        null,
      owner: textOf(metadata["lease"], "owner") ?? null,
    },
    to: { host: hostname(), workingDirectory: cwd, owner: owner.name },
    transcripts: transcripts.length,
    entries: transcripts.reduce((sum, { entries }) => sum + entries, 0),
    ...(epoch !== undefined && { epoch }),
  };
}
