import type {
  Activity,
  ActivityStatus,
  Agent,
  DayUsage,
  EventType,
  Fleet,
  Goal,
  Lease,
  SessionMetadata,
  SessionStatus,
  Spent,
  Usage,
} from "@sessions/contract";

import {
  MalformedAnswerError,
  type Members,
  isMembers,
  listOf,
  membersOf,
  numberOf,
  requireList,
  requireMembers,
  textOf,
} from "./guards.ts";

/** A session as the page shows it: what a list needs, each member checked. */
export type Session = Pick<
  SessionMetadata,
  | "userId"
  | "name"
  | "createdAt"
  | "lastActivityAt"
  | "finalizedAt"
  | "labels"
  | "tags"
  | "model"
  | "workingDirectory"
  | "counts"
  | "offset"
> & {
  sessionId: string;
  parentSession: string | null;
  status: SessionStatus;
  activity: ShownActivity;
  /** null: nobody writes it under a lease. */
  lease: (Pick<Lease, "epoch" | "since"> & { owner: string }) | null;
};
type ShownActivity = Omit<Activity, "dayUsage">;

/** An event of any type, also of one that a later service adds. */
export interface Event {
  type: EventType | (string & {});
  sessionId: string;
  offset: number;
  position: number;
  timestamp: string;
  data: Members;
  /** Bytes of the whole data when `data` is only a preview of it. */
  fullBytes: number | null;
}

const endings: Readonly<Record<string, ActivityStatus>> = {
  completed: "completed",
  stopped: "stopped",
  error: "failed",
};
const statuses = new Set<string>(["running", "waiting", "idle", "completed", "failed", "stopped"]);
const orNull = (value: unknown, name: string) => textOf(value, name) ?? null;

/** @throws MalformedAnswerError */
export function readSession(value: unknown): Session {
  const sessionId = textOf(value, "sessionId");
  const createdAt = textOf(value, "createdAt");
  if (sessionId === undefined || createdAt === undefined)
    throw new MalformedAnswerError("a session has no sessionId or createdAt");
  const lastActivityAt = textOf(value, "lastActivityAt") ?? createdAt;
  const counts = membersOf(value, "counts");
  const count = (name: string) => numberOf(counts, name) ?? 0;
  return {
    sessionId,
    createdAt,
    lastActivityAt,
    userId: orNull(value, "userId"),
    name: orNull(value, "name"),
    status: (textOf(value, "status") ?? "active") as SessionStatus,
    finalizedAt: orNull(value, "finalizedAt"),
    labels: textsOf(membersOf(value, "labels")),
    tags: listOf(value, "tags").filter((tag) => typeof tag === "string"),
    parentSession: orNull(value, "parentSession"),
    model: orNull(value, "model"),
    workingDirectory: orNull(value, "workingDirectory"),
    offset: numberOf(value, "offset") ?? 0,
    activity: readActivity(value, lastActivityAt),
    lease: readLease(membersOf(value, "lease")),
    counts: {
      actions: count("actions"),
      responses: count("responses"),
      goals: count("goals"),
      goalsCompleted: count("goalsCompleted"),
      agents: count("agents"),
      agentsRunning: count("agentsRunning"),
    },
  };
}

function readLease(lease: Members): Session["lease"] {
  const owner = textOf(lease, "owner");
  const epoch = numberOf(lease, "epoch");
  if (owner === undefined || epoch === undefined) return null;
  return { owner, epoch, since: textOf(lease, "since") ?? "" };
}

function textsOf(members: Members): Record<string, string> {
  const texts = Object.entries(members).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(texts) as Record<string, string>;
}

function readActivity(session: unknown, lastActivityAt: string): ShownActivity {
  const activity = membersOf(session, "activity");
  const status = textOf(activity, "status") ?? endings[textOf(session, "status") ?? ""];
  const doing = membersOf(activity, "doing");
  const waiting = membersOf(activity, "waiting");
  const tool = textOf(doing, "tool");
  const isKnown = status !== undefined && statuses.has(status);
  return {
    status: isKnown ? (status as ActivityStatus) : "running",
    reason: orNull(activity, "reason"),
    since: textOf(activity, "since") ?? lastActivityAt,
    phase: orNull(activity, "phase"),
    doing:
      tool === undefined
        ? null
        : { tool, detail: orNull(doing, "detail"), since: orNull(doing, "since") },
    waiting: isMembers(activity["waiting"])
      ? {
          reason: textOf(waiting, "reason") ?? "input",
          tool: orNull(waiting, "tool"),
          detail: orNull(waiting, "detail"),
          since: orNull(waiting, "since"),
        }
      : null,
    heartbeatAt: orNull(activity, "heartbeatAt"),
    usage: isMembers(activity["usage"]) ? readUsage(activity["usage"]) : null,
  };
}

function readSpent(value: unknown): Spent {
  const tokens = (name: string) => numberOf(value, name) ?? 0;
  return {
    inputTokens: tokens("inputTokens"),
    outputTokens: tokens("outputTokens"),
    cacheReadInputTokens: tokens("cacheReadInputTokens"),
    cacheCreationInputTokens: tokens("cacheCreationInputTokens"),
    costUsd: numberOf(value, "costUsd") ?? null,
  };
}

function readUsage(value: unknown): Usage {
  return {
    ...readSpent(value),
    contextTokens: numberOf(value, "contextTokens") ?? null,
    contextWindow: numberOf(value, "contextWindow") ?? null,
  };
}

export interface FleetSummary extends Pick<Fleet, "eventsPerSecond" | "disk"> {
  /** Of all sessions by status, `no_heartbeat` among them. */
  counts: Readonly<Record<string, number>>;
  /** Since ever, and since the present day (UTC) began. */
  usage: Spent;
  today: DayUsage;
  attention: Session[];
}

/** @throws MalformedAnswerError */
export function readFleet(value: unknown): FleetSummary {
  requireMembers(value, "the fleet");
  const disk = membersOf(value, "disk");
  const today = membersOf(value, "today");
  const counts = Object.entries(membersOf(value, "counts")).filter(
    ([, count]) => typeof count === "number",
  );
  return {
    counts: Object.fromEntries(counts) as Record<string, number>,
    attention: requireList(value, "attention", "the fleet").map(readSession),
    usage: readSpent(membersOf(value, "usage")),
    today: { day: textOf(today, "day") ?? "", ...readSpent(today) },
    eventsPerSecond: numberOf(value, "eventsPerSecond") ?? 0,
    disk: {
      freeBytes: numberOf(disk, "freeBytes") ?? 0,
      totalBytes: numberOf(disk, "totalBytes") ?? 0,
    },
  };
}

/** @returns undefined for what is no event, a control frame for example */
export function asEvent(value: unknown): Event | undefined {
  if (!isMembers(value)) return undefined;
  const { type, sessionId, offset, position, timestamp, data } = value;
  if (typeof type !== "string" || typeof sessionId !== "string") return undefined;
  if (typeof offset !== "number" || typeof position !== "number") return undefined;
  if (typeof timestamp !== "string") return undefined;
  return {
    type,
    sessionId,
    offset,
    position,
    timestamp,
    data: isMembers(data) ? data : {},
    fullBytes: numberOf(value, "fullBytes") ?? null,
  };
}

/** The event as the service sent it. */
export function wireText({ fullBytes, ...event }: Event, indent = 0): string {
  const sent = fullBytes === null ? event : { ...event, fullBytes };
  return JSON.stringify(sent, undefined, indent);
}

export type GoalView = Pick<Goal, "goalId" | "description" | "status" | "priority"> & {
  members: Members;
};

export function readGoals(state: unknown): GoalView[] {
  return listOf(state, "goals")
    .filter(isMembers)
    .map((members) => ({
      goalId: textOf(members, "goalId") ?? "",
      description: textOf(members, "description") ?? "",
      status: (textOf(members, "status") ?? "pending") as Goal["status"],
      priority: (textOf(members, "priority") ?? "medium") as Goal["priority"],
      members,
    }));
}

export type AgentView = Pick<Agent, "agentId" | "type" | "parentAgentId" | "status" | "spawnedAt"> &
  Pick<Agent, "completedAt"> & { members: Members };

export function readAgents(state: unknown): AgentView[] {
  return listOf(state, "agents")
    .filter(isMembers)
    .map((members) => ({
      agentId: textOf(members, "agentId") ?? "",
      type: textOf(members, "type") ?? "unknown",
      parentAgentId: orNull(members, "parentAgentId"),
      status: (textOf(members, "status") ?? "running") as Agent["status"],
      spawnedAt: textOf(members, "spawnedAt") ?? "",
      completedAt: orNull(members, "completedAt"),
      members,
    }));
}
