import { readdir } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** A file of a session below its main transcript. */
export interface FileBelow {
  /** Its transcript's name, such as `subagents/agent-7`. */
  readonly name: string;
  readonly path: string;
  /** `note`: what the CLI keeps about a subagent beside its transcript. */
  readonly kind: "transcript" | "note";
}

export const transcriptEnd = ".jsonl";
export const noteEnd = ".meta.json";

/** Beside the main transcript and named like it. */
export const sessionFolderOf = (path: string) => join(dirname(path), basename(path, transcriptEnd));

/** Subagents' transcripts and notes, those of workflows in deeper folders included. */
export async function filesBelow(path: string): Promise<FileBelow[]> {
  const folder = sessionFolderOf(path);
  const options = { recursive: true, encoding: "utf8" } as const;
  const found: string[] = await readdir(join(folder, "subagents"), options).catch(() => []);
  return found.toSorted().flatMap((file) => {
    const end = [transcriptEnd, noteEnd].find((each) => file.endsWith(each));
    if (end === undefined) return [];
    const name = join("subagents", file.slice(0, -end.length)).replaceAll(sep, "/");
    const kind = end === transcriptEnd ? "transcript" : "note";
    return [{ name, path: join(folder, "subagents", file), kind }];
  });
}

/** The subagent whose transcript it is; undefined for the main one. */
export const agentIdOf = (name: string): string | undefined =>
  /(?:^|\/)agent-([^/]+)$/.exec(name)?.[1];
