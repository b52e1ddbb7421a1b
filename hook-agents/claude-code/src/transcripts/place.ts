import { createHash } from "node:crypto";

/** Where a transcript is kept by the service; null: the session's main one. */
export interface Place {
  readonly projectKey: string;
  readonly subpath: string | null;
}

/** What the service takes as a project and as one name of a subpath. */
const name = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,219}$/;
const maxNames = 8;
const folderLength = 200;

/** The CLI's own name for the folder that holds the transcripts of a working directory. */
export function folderNameOf(workingDirectory: string): string {
  const folder = workingDirectory.replaceAll(/[^a-zA-Z0-9]/g, "-");
  if (folder.length <= folderLength) return folder;
  let hash = 0;
  // UTF-16 code units, as the CLI does it.
  for (let at = 0; at < workingDirectory.length; at += 1)
    hash = (Math.imul(hash, 31) + workingDirectory.charCodeAt(at)) | 0;
  return `${folder.slice(0, folderLength)}-${Math.abs(hash).toString(36)}`;
}

/** A folder's name on the wire: itself, unless the service would refuse it. */
export function projectKeyOf(folder: string): string {
  if (name.test(folder) && !folder.endsWith(".jsonl")) return folder;
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return `${folder.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 203)}-${digest}`;
}

/**
 * A session that is recorded under Claude's own id has its transcript as the main one; under any other id it
 * may have several, one for each Claude session.
 */
export function mainPlaceOf(folder: string, sessionId: string, claudeSession: string): Place {
  const subpath = sessionId === claudeSession ? null : `claude/${claudeSession}`;
  return { projectKey: projectKeyOf(folder), subpath };
}

/** @param below such as `subagents/agent-7`; "" is the main transcript. @returns undefined when it can't be named */
export function placeBelow({ projectKey, subpath }: Place, below: string): Place | undefined {
  const names = [subpath, below].filter(Boolean).join("/");
  if (names === "") return { projectKey, subpath: null };
  const parts = names.split("/");
  const fits = parts.length <= maxNames && parts.every((part) => name.test(part));
  return fits && !parts.some((part) => part.endsWith(".jsonl"))
    ? { projectKey, subpath: names }
    : undefined;
}
