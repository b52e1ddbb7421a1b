import { readFileSync } from "node:fs";

import type { Command } from "@sessions/contract";

import type { Observation } from "../../src/mapping/draft.ts";
import { map } from "../../src/mapping/map.ts";
import type { HookPayload } from "../../src/mapping/payload.ts";
import type { Surroundings } from "../../src/mapping/session.ts";
import { initialMappingState, type MappingState } from "../../src/mapping/state.ts";

/** One hook: its payload without what all have, and what the relay adds. */
export interface Hook extends Partial<Omit<Observation, "payload">> {
  readonly payload: { readonly hook_event_name: string; readonly [member: string]: unknown };
}

const start = Date.parse("2026-11-21T10:00:00.000Z");
export const timeAt = (ms: number) => new Date(start + ms).toISOString();

export interface Mapped {
  readonly state: MappingState;
  readonly commands: Command[];
  /** One line a command. */
  readonly timeline: string[];
}

/** Maps hooks one after another, as the relay does; each comes a second after the one before. */
export function mapAll(
  hooks: readonly Hook[],
  state = initialMappingState(),
  surroundings: Surroundings = { host: "worker" },
): Mapped {
  const commands: Command[] = [];
  let current = state;
  for (const [index, { payload, ...more }] of hooks.entries()) {
    const mapped = map(
      current,
      {
        payload: { session_id: "5e551011-0000", cwd: "/project", ...payload } satisfies HookPayload,
        boot: "boot",
        seq: index + 1,
        at: timeAt(1_000 * index),
        ...more,
      },
      surroundings,
    );
    current = mapped.state;
    commands.push(...mapped.commands);
  }
  return { state: current, commands, timeline: commands.map(lineOf) };
}

/** A sequence of the real CLI (2.1.329), without paths and scripts. */
export function readSequence(name: string): Hook[] {
  const text = readFileSync(new URL(`../fixtures/${name}.jsonl`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const { ms, agentMeta, payload } = JSON.parse(line) as Recorded;
      const agentLink = agentMeta?.toolUseId && {
        toolUseId: agentMeta.toolUseId,
        parentAgentId: agentMeta.parentAgentId ?? null,
      };
      return { at: timeAt(ms), payload, ...(agentLink && { agentLink }) };
    });
}
interface Recorded {
  ms: number;
  payload: Hook["payload"];
  agentMeta?: { toolUseId?: string; parentAgentId?: string };
}

export function actionsOf({ commands }: Mapped, type: string): Record<string, unknown>[] {
  return commands.flatMap((command) =>
    command.type === "action" && command.data.type === type
      ? [command.data["details"] as Record<string, unknown>]
      : [],
  );
}

function lineOf(command: Command): string {
  switch (command.type) {
    case "session_created":
      return `created ${command.data.workingDirectory ?? ""}`;
    case "action": {
      const {
        tool = "",
        outcome = "",
        error = "",
      } = command.data["details"] as Record<string, string>;
      return `${command.data.type} ${tool} ${outcome} ${error}`.trim().split("\n", 1)[0] ?? "";
    }
    case "response":
      return `response ${String(command.data["content"])}`;
    case "state_updated":
      return `state ${describe(command.data.patch)}`;
    case "goal_added":
      return `goal ${command.data.goalId} ${command.data.description}`;
    case "goal_updated":
      return `goal ${command.data.goalId} ${command.data.patch.status}`;
    case "agent_spawned":
      return `spawned ${command.data.agentId} of ${command.data.parentAgentId ?? "main"}`;
    case "agent_completed": {
      const { agentId, completion } = command.data;
      return `${completion.status} ${agentId} of ${completion.parentAgentId ?? "main"}`;
    }
    case "metadata_updated":
      return `metadata ${JSON.stringify(command.data)}`;
    case "transcript_entry":
      return `entry ${String(command.data.entry["type"])}`;
    case "session_finalized":
      return `finalized ${command.data.status}`;
  }
}

function describe({ phase, running, ...more }: Record<string, unknown>): string {
  const changes = Object.entries((running ?? {}) as object).map(([, call]) => (call ? "+" : "-"));
  return (
    [phase, changes.join(""), more["waiting"] && "waiting"].filter(Boolean).join(" ") || "other"
  );
}
