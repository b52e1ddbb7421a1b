import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { AgentLink } from "../mapping/draft.ts";
import { numberOf, textOf } from "../mapping/payload.ts";
import { sessionFolderOf } from "./session-folder.ts";

/** What the CLI notes next to a subagent's transcript, shortly after it has begun. */
export async function readAgentLink(path: string, agentId: string): Promise<AgentLink | undefined> {
  if (!/^[A-Za-z0-9_-]+$/.test(agentId)) return undefined;
  try {
    const note = join(sessionFolderOf(path), "subagents", `agent-${agentId}.meta.json`);
    const meta: unknown = JSON.parse(await readFile(note, "utf8"));
    const toolUseId = textOf(meta, "toolUseId");
    // Versions before 2.1.3 tell no parent of a nested subagent; then the hooks' own link holds.
    if (toolUseId === undefined || (numberOf(meta, "spawnDepth") ?? 1) > 1 !== hasParent(meta))
      return undefined;
    return { toolUseId, parentAgentId: textOf(meta, "parentAgentId") ?? null };
  } catch {
    // Not there yet, or not by this version of the CLI.
    return undefined;
  }
}
const hasParent = (meta: unknown) => textOf(meta, "parentAgentId") !== undefined;
